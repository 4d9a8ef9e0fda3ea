# The words of this project; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test demo wire fmt lint bench bench-reader train-reader bench-pose bench-queue bench-sfu clean soak soak-calls fuzz-images fuzz-text fuzz-calls packages-run packages-test web build fixtures

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

# The pose engine for browsers: one file with its networks. Cargo decides what is out of date.
ENGINE := web-shared/src/pose/engine.wasm
$(ENGINE): node_modules/.package-lock.json Cargo.toml $(shell find crates/pose/src crates/pose/build.rs crates/pose/Cargo.toml -type f)
	@echo "==> building the pose engine for browsers"
	@rustup target list --installed | grep -q '^wasm32-unknown-unknown$$' || rustup target add wasm32-unknown-unknown
	@cargo rustc --quiet -p visavis-pose --lib --crate-type cdylib --target wasm32-unknown-unknown --profile wasm --target-dir target/wasm
	@cp target/wasm/wasm32-unknown-unknown/wasm/visavis_pose.wasm $@

node_modules/.package-lock.json: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web-client/dist/index.html: $(ENGINE) package-lock.json $(shell find web-shared web-client web-agent -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	@echo "==> building the pages"
	@npm run --silent build
	@touch $@

web: web-client/dist/index.html ## builds both web apps

# The public-domain photo the pose tests make their films of; a wheel is a zip file.
ASTRONAUT := target/fixtures/astronaut.png
$(ASTRONAUT): | packages-test
	@echo "==> fetching the photo of the pose tests"
	@mkdir -p $(@D) && cd $(@D) && python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 --dest wheel scikit-image==0.26.0
	@cd $(@D) && python3 -c "import glob,zipfile; open('astronaut.part','wb').write(zipfile.ZipFile(glob.glob('wheel/*.whl')[0]).read('skimage/data/astronaut.png'))"
	@cd $(@D) && rm -r wheel && echo "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5  astronaut.part" | sha256sum --check --quiet && mv astronaut.part astronaut.png

fixtures: $(ASTRONAUT) ## fetches what the tests make their pictures of

build: packages-run web ## builds everything `make run` serves
	@echo "==> building the server (the first time takes minutes)"
	@cargo build --bin visavis

run: build ## installs what is missing, builds, seeds the demo, serves on http://localhost:8080
	@$(SERVER) migrate
	@$(SERVER) seed
	@exec $(SERVER) serve

test: packages-test web fixtures ## installs what tests need, runs everything, ends with one line
	@tests/run.sh

demo: packages-test build ## two scripted browsers play the whole journey; see target/demo/
	@cargo build --example specimen
	@node tests/browser/demo.mjs

wire: ## writes the types on the wire anew, from Rust to web-shared/src/wire.ts
	@rm -rf target/wire && cargo test --quiet --lib export_bindings >/dev/null && cp target/wire/wire.ts web-shared/src/wire.ts

fmt: ## formats Rust
	@cargo fmt --all

lint: packages-test web fixtures ## clippy, rustfmt, types, licences and bans, npm audit
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings
	@npm run --silent check
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	@cargo deny --all-features check bans licenses sources
	@npm audit --audit-level=low

bench: packages-test build ## measures: set-up time, CPU and memory of one call, page size; prints ratios and figures
	@cargo build --example specimen
	@node tests/browser/bench.mjs

fuzz-images: packages-test ## every damaged picture of the corpus through the reader; see target/fuzz/images.txt
	@FUZZ_ALL=1 cargo test --test suite -- fuzz::images --nocapture

fuzz-text: ## cargo-fuzz on zones, QR payloads, print and readings, a minute each (SECONDS_EACH=…); finds are left in fuzz/artifacts
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	@for target in mrz payload layout cross_check; do RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(or $(SECONDS_EACH),60) -max_len=2000; done

fuzz-calls: ## cargo-fuzz on offers, candidates, packets, logs, payloads and words of calls, a minute each (SECONDS_EACH=…)
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	@for target in offer candidates datagrams log payloads command; do RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(or $(SECONDS_EACH),60) -max_len=8000; done

bench-pose: packages-test build fixtures ## measures the head-pose engine: right, wrong, how dear, how soon after a call of CALL_SECONDS (300); POSE_CLIPS=folder adds films of your own
	@cargo build -p visavis-pose --examples
	@cargo build --example specimen
	@node tests/browser/bench-pose.mjs

bench-sfu: packages-test build ## measures the media server beside Debian's janus and a bare echo, and how soon a call plays; target/bench/sfu.json
	$(call install,bench)
	@cargo build --example specimen
	@cargo build --release --locked --manifest-path tests/load/sfu/Cargo.toml --target-dir target/bench/build
	@target/bench/build/release/bench-sfu target/bench/sfu.json
	@VISAVIS_PLAYABLE_SECONDS=600 cargo test --quiet --test suite media::playable -- --nocapture
	@node tests/browser/bench-setup.mjs

bench-queue: packages-test ## measures the queue: both engines beside Redis and PostgreSQL, a day of 500 agents, a race for 7 seats, offers on two servers; target/bench/queue.json
	@mkdir -p target/bench
	@cargo build --bin visavis
	@cargo test --quiet --test suite contract::seats -- --nocapture
	@VISAVIS_OFFERS=600 cargo test --quiet --test suite contract::offers -- --nocapture
	@cargo build --release --locked --manifest-path tests/load/queue/Cargo.toml --target-dir target/bench/build
	@target/bench/build/release/bench-queue target/bench/queue.json target/bench/seats.json target/bench/offers.json

soak: packages-test ## both queue engines against each other for a million random changes (OPERATIONS=…, VISAVIS_SEED=… repeats)
	@VISAVIS_SOAK=$(or $(OPERATIONS),1000000) cargo test --test suite contract::engines::memory_redis_and_the_plain_rule_agree -- --nocapture

soak-calls: packages-test build ## the server killed 50 times in calls (KILLS=…), floods of 100,000 packets a second for 30 s each, then two calls in bad weather for 600 s each (WEATHER=…)
	@VISAVIS_KILLS=$(or $(KILLS),50) cargo test --test suite faults::killed -- --nocapture
	@VISAVIS_FLOOD_PPS=100000 VISAVIS_FLOOD_SECONDS=30 cargo test --test suite media::flood -- --nocapture
	@cargo build --example specimen
	@VISAVIS_WEATHER_SECONDS=$(or $(WEATHER),600) node --test --test-reporter=tap tests/browser/weather.test.mjs

SAMPLES ?= ../shared/samples/ocr
bench-reader: packages-test node_modules/.package-lock.json ## measures the reader beside PassportEye and stock tesseract; SAMPLES=folder of public specimens
	$(call install,bench)
	@cargo build --bin visavis --example specimen
	@[ -x target/bench/venv/bin/python ] || python3 -m venv target/bench/venv
	@target/bench/venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/bench/requirements.txt
	@target/bench/venv/bin/python tests/bench/reader.py --samples "$(SAMPLES)"

train-reader: packages-test ## trains the network that reads OCR-B anew from the font files (20 minutes); the bytes must come out the same
	@cargo run --release -p ocrb --example train

clean: ## removes what was built (not data/ or recordings/)
	@cargo clean
	@rm -rf node_modules web-client/dist web-agent/dist
