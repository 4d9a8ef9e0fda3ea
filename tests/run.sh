#!/usr/bin/env bash
# Runs every test and ends with one line: `N passed, N failed`. Called by `make test`.
set -uo pipefail
cd "$(dirname "$0")/.."
log=target/test-log; mkdir -p "$log"
passed=0; failed=0; broken=()

# step NAME COMMAND…: runs a command, keeps its output, adds up what its runner counted.
step() {
  local name=$1; shift
  local began=$SECONDS
  echo "==> $name"
  if "$@" >"$log/$name.txt" 2>&1; then local ok=1; else local ok=0; fi
  local p f
  p=$(grep -hoE '^test result: .* ([0-9]+) passed' "$log/$name.txt" | grep -oE '[0-9]+ passed' | awk '{s+=$1} END {print s+0}')
  f=$(grep -hoE '^test result: .* ([0-9]+) failed' "$log/$name.txt" | grep -oE '[0-9]+ failed' | awk '{s+=$1} END {print s+0}')
  p=$((p + $(grep -hoE '^# pass [0-9]+' "$log/$name.txt" | awk '{s+=$3} END {print s+0}')))
  f=$((f + $(grep -hoE '^# fail [0-9]+' "$log/$name.txt" | awk '{s+=$3} END {print s+0}')))
  [ $((p + f)) -gt 0 ] || { if [ $ok = 1 ]; then p=1; else f=1; fi; }
  [ $ok = 1 ] || [ $f -gt 0 ] || f=1
  passed=$((passed + p)); failed=$((failed + f))
  if [ $ok = 1 ]; then echo "    ok, $p passed, $((SECONDS - began)) s"; else broken+=("$name"); tail -n 80 "$log/$name.txt"; grep -A 8 -E '^not ok|^test .* FAILED$' "$log/$name.txt"; echo "    FAILED, whole output in $log/$name.txt"; fi
}

rm -rf target/wire # written anew by the unit tests
step format cargo fmt --all --check
step types npm run --silent check
step pages npm test --silent
step server-build cargo build --bin visavis --example specimen
step unit cargo test --lib
step reader-of-zones cargo test -p ocrb
step wire-types diff -u web-shared/src/wire.ts target/wire/wire.ts
step pose cargo test -p visavis-pose # builds the studio, too
step suite cargo test --test suite
step browser node --test --test-reporter=tap --test-concurrency=1 tests/browser/
step clippy cargo clippy --workspace --all-targets -- -D warnings

[ ${#broken[@]} = 0 ] || echo "failed: ${broken[*]}"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
