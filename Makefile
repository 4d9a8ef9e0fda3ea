# The words of this project; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test demo wire fmt lint bench bench-sfu clean packages-run packages-test web build

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq
SERVER := target/debug/visavis

# $(call install,section): installs what is missing of a section of the package list.
define install
	@missing="$$(sed -n '/^\[$(1)\]/,/^\[/p' config/debian-packages.txt | grep -vE '^(\[|#|$$)' | while read -r p; do dpkg-query -W -f '$${Status}' "$$p" 2>/dev/null | grep -q 'install ok installed' || echo "$$p"; done)"; \
	if [ -n "$$missing" ]; then echo "==> installing Debian packages: "$$missing; $(APT) update; $(APT) install -y --no-install-recommends $$missing >/dev/null; fi
endef

help: ## lists the words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

packages-run:
	$(call install,run)

packages-test: packages-run
	$(call install,test)

web-client/dist/index.html: package-lock.json $(shell find web-shared web-client web-agent -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	@echo "==> building the pages"
	@[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error
	@npm run --silent build
	@touch $@

web: web-client/dist/index.html ## builds both web apps

build: packages-run web ## builds everything `make run` serves
	@echo "==> building the server (the first time takes minutes)"
	@cargo build --bin visavis

run: build ## installs what is missing, builds, seeds the demo, serves on http://localhost:8080
	@$(SERVER) migrate
	@$(SERVER) seed
	@exec $(SERVER) serve

test: packages-test web ## installs what tests need, runs everything, ends with one line
	@tests/run.sh

demo: packages-test build ## two scripted browsers play the whole journey; see target/demo/
	@cargo build --example specimen
	@node tests/browser/demo.mjs

wire: ## writes the types on the wire anew, from Rust to web-shared/src/wire.ts
	@rm -rf target/wire && cargo test --quiet --lib export_bindings >/dev/null && cp target/wire/wire.ts web-shared/src/wire.ts

fmt: ## formats Rust
	@cargo fmt

lint: packages-test web ## clippy, rustfmt, types, licences and bans, npm audit
	@cargo fmt --check
	@cargo clippy --all-targets -- -D warnings
	@npm run --silent check
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	@cargo deny --all-features check bans licenses sources
	@npm audit --audit-level=low

bench: packages-test build ## measures: set-up time, CPU and memory of one call, page size; prints ratios and figures
	@cargo build --example specimen
	@node tests/browser/bench.mjs

bench-sfu: packages-test build ## measures the media server beside Debian's janus and a bare echo; target/bench/sfu.json
	$(call install,bench)
	@cargo build --example specimen
	@cargo build --release --locked --manifest-path tests/load/sfu/Cargo.toml --target-dir target/bench/build
	@target/bench/build/release/bench-sfu target/bench/sfu.json
	@node tests/browser/bench-setup.mjs

clean: ## removes what was built (not data/ or recordings/)
	@cargo clean
	@rm -rf node_modules web-client/dist web-agent/dist
