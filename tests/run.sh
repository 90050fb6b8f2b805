#!/usr/bin/env bash
# Every test there is, with totals at the end: `N passed, N failed` is the last line, and the exit
# code is 0 only when nothing failed. A step that fails does not keep the next ones from running.
#
#   tests/run.sh [--long]
#
# Needs cargo and node; installs Chromium, g++, openssl, Redis, PostgreSQL, PgBouncer and valgrind (Debian packages,
# as root or by sudo; their services are not started) and the npm packages of tests/e2e where they are missing.
# Servers listen on free loopback ports, files go to a temporary folder, and what was started is
# stopped by its process id, on Ctrl-C too. Logs and screenshots are kept in tests/artifacts/.
# --long repeats what is random ten times as often and more, fuzzes each target for five minutes, counts the lines and
# branches that no test runs (needs Debian's llvm of rustc's version), breaks the crate on purpose to see the model and the
# simulation find it, builds cargo-deny and the least versions, soaks a server for ten minutes, and measures time and
# throughput, beside other crates too (needs wrk, installed as above). REDIS_SERVER names another redis-server, or Valkey.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ARTIFACTS="$PWD/tests/artifacts"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_TERM_COLOR=never
# Some compilers fail on an incremental build of the tests ("unstable fingerprints").
export CARGO_INCREMENTAL=0
TMPDIR="$(mktemp -d)"
export TMPDIR
# PostgreSQL refuses to run as root: as another user it must reach its folder in here.
chmod 711 "$TMPDIR"

PASSED=0
FAILED=0
TABLE=""
FAILED_LOGS=()
STEP_PID=""
LONG=false

clean_up() {
  local tries=0
  if [[ -n "$STEP_PID" ]]; then
    kill -- "-$STEP_PID" 2>/dev/null || true
    # A browser takes a moment to close; what is left after 10 s is ended the hard way.
    while kill -0 -- "-$STEP_PID" 2>/dev/null && ((tries++ < 100)); do sleep 0.1; done
    kill -KILL -- "-$STEP_PID" 2>/dev/null || true
  fi
  rm -rf "$TMPDIR" || true
}

# ---- what must be there -------------------------------------------------------------------------

require_tools() {
  local missing=() tool
  for tool in cargo node npm; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]} > 0)); then
    echo "missing: ${missing[*]}. cargo comes with rustup (https://rustup.rs), node (20.19 or" \
      "later) and npm from https://nodejs.org" >&2
    exit 2
  fi
}

has_postgresql() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# Whatever fails for want of a package says so.
install_debian_packages() {
  local package packages=()
  for package in chromium g++ openssl redis-server valgrind; do
    command -v "$package" >/dev/null || packages+=("$package")
  done
  has_postgresql || packages+=(postgresql)
  # Not on the path of everybody.
  command -v nginx >/dev/null || [[ -x /usr/sbin/nginx ]] || packages+=(nginx-light)
  # Where only administrators look.
  PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null || packages+=(pgbouncer)
  [[ "$LONG" == false ]] || command -v wrk >/dev/null || packages+=(wrk)
  ((${#packages[@]} > 0)) || return 0
  local as_root=()
  ((EUID == 0)) || as_root=(sudo)
  # The tests start servers of their own; policy-rc.d keeps Debian from starting its services.
  "${as_root[@]}" sh -c '
    set -e
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap "rm -f $policy" EXIT
      printf "#!/bin/sh\nexit 101\n" >"$policy"
      chmod 755 "$policy"
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
  ' sh "${packages[@]}"
}

install_node_packages() {
  local stamp=tests/e2e/node_modules/.installed
  cmp -s tests/e2e/package-lock.json "$stamp" && return 0
  npm ci --prefix tests/e2e --no-audit --no-fund && cp tests/e2e/package-lock.json "$stamp"
}

# ---- running and counting -----------------------------------------------------------------------

# run_step LOG COMMAND…: runs it with its output shown and kept in LOG; its exit code. It gets a
# process group of its own (set -m), so that whatever it started can be ended with it.
run_step() {
  local log="$1" code=0
  shift
  set -m
  (
    "$@" </dev/null 2>&1 | tee "$log"
    exit "${PIPESTATUS[0]}"
  ) &
  STEP_PID=$!
  set +m
  wait "$STEP_PID" || code=$?
  STEP_PID=""
  return "$code"
}

# step NAME COUNTER COMMAND…: COUNTER reads the log and prints "passed failed"; `single` for a step
# that counts as one.
step() {
  local name="$1" counter="$2" log code=0 passed failed start=$SECONDS
  shift 2
  log="$ARTIFACTS/step-${name//[^a-z0-9]/-}.log"
  printf '\n=== %s\n' "$name"
  run_step "$log" "$@" || code=$?
  read -r passed failed < <("$counter" "$code" "$log")
  record "$name" "$passed" "$failed" "$((SECONDS - start))"
  ((failed == 0)) && return
  FAILED_LOGS+=("$log")
  return 1
}

# What the steps that failed said, together at the end: the panics of tests, or the last lines.
show_failures() {
  local log
  for log in ${FAILED_LOGS[@]+"${FAILED_LOGS[@]}"}; do
    printf '\n=== failed: %s\n' "${log#"$PWD/"}"
    if grep -q '^failures:$' "$log"; then
      sed -n '/^failures:$/,/^test result:/p' "$log" | tail -n 150
    elif grep -q '^✖ failing tests:' "$log"; then
      sed -n '/^✖ failing tests:/,$p' "$log" | tail -n 150
    else
      tail -n 60 "$log"
    fi
  done
}

record() {
  PASSED=$((PASSED + $2))
  FAILED=$((FAILED + $3))
  TABLE+="$(printf '%-40s %6d passed %5d failed %5d s' "$@")"$'\n'
}

single() {
  if (($1 == 0)); then echo "1 0"; else echo "0 1"; fi
}

# Tests that were skipped or ignored, and a run that failed without a failed test or that ran
# nothing, count as failed.
count() {
  local code="$1" passed="$2" failed="$3"
  if ((failed == 0 && (code != 0 || passed == 0))); then failed=1; fi
  echo "$passed $failed"
}

count_cargo() {
  local passed failed
  read -r passed failed < <(awk '
    /^test result: / {
      for (i = 2; i <= NF; i++) {
        if ($i == "passed;") passed += $(i - 1)
        if ($i == "failed;" || $i == "ignored;") failed += $(i - 1)
      }
    }
    END { print passed + 0, failed + 0 }' "$2")
  count "$1" "$passed" "$failed"
}

count_node() {
  local passed failed
  read -r passed failed < <(awk '
    /^# pass / { passed = $3 }
    /^# (fail|cancelled|skipped|todo) / { failed += $3 }
    END { print passed + 0, failed + 0 }' "$ARTIFACTS/e2e.tap")
  count "$1" "$passed" "$failed"
}

# ---- the steps ----------------------------------------------------------------------------------

# The crate, and the packages beside it.
each_package() {
  local manifest
  for manifest in Cargo.toml fuzz/Cargo.toml tests/*/Cargo.toml benches/*/Cargo.toml; do
    "$@" --manifest-path "$manifest" || return
  done
}

check_format() {
  step "format" single each_package cargo fmt --all --check
}

# Once with everything, once as users without any feature get it: an item behind a feature must not
# be needed outside of it. Dev-dependencies turn features on, hence the library alone.
check_lints() {
  step "lints, all features" single \
    cargo clippy --all-targets --all-features --locked -- -D warnings
  step "lints, default features" single cargo clippy --lib --locked -- -D warnings
}

run_cargo_tests() {
  step "cargo tests" count_cargo cargo test --all-features --locked --no-fail-fast
}

# What a request costs, in instructions by callgrind, allocations and bytes: the same on a busy machine.
check_budgets() {
  local sessions=100000
  if [[ "$LONG" == true ]]; then sessions=1000000; fi
  step "budgets" single cargo run --release --locked --manifest-path benches/measure/Cargo.toml \
    -- --check --sessions "$sessions"
}

build_docs() {
  step "documentation" single \
    env RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features --locked
}

# The interface is the one that is written down, and the package is complete.
check_interface() {
  step "public interface" single tests/public_api/check.sh
  step "package" single cargo package --locked --no-verify --allow-dirty
}

# A store of somebody else's, over the public interface alone, in a package of its own.
run_third_party_tests() {
  step "cargo tests, third-party store" count_cargo \
    cargo test --manifest-path tests/third_party/Cargo.toml --locked
}

# How often a request allocates, in a package of its own: counting needs `unsafe`.
run_allocation_tests() {
  step "cargo tests, allocations" count_cargo \
    cargo test --manifest-path tests/allocations/Cargo.toml --locked
}

# Random histories beside a model of what must come of them, over every store.
run_model() {
  local cases=24
  if [[ "$LONG" == true ]]; then cases=1000; fi
  step "cargo tests, random histories" count_cargo env MODEL_CASES="$cases" \
    cargo test --manifest-path tests/model/Cargo.toml --locked
}

# Several nodes in simulated time: the same seeds each time, or as many as twenty minutes are enough for.
run_simulation() {
  local limit=(--seeds 300)
  if [[ "$LONG" == true ]]; then limit=(--seconds 1200); fi
  step "simulation" single cargo run --quiet --manifest-path tests/simulation/Cargo.toml --locked -- "${limit[@]}"
}

# Each fuzz target for a moment, or for five minutes.
run_fuzzers() {
  local limit=(--smoke)
  if [[ "$LONG" == true ]]; then limit=(--seconds 300); fi
  step "fuzz targets" single fuzz/run.sh "${limit[@]}"
}

# Ten minutes at full load: memory must not grow, and no answer may be wrong.
run_soak() {
  step "soak" single \
    cargo run --release --locked --manifest-path benches/soak/Cargo.toml -- --seconds 600
}

# Times and ratios are told, not judged: machines are shared.
measure() {
  step "times" single cargo bench --locked --manifest-path benches/measure/Cargo.toml --bench requests
  step "stores beside their drivers" single cargo run --release --locked \
    --manifest-path benches/measure/Cargo.toml --features stores --bin stores
  step "beside other crates" single bash benches/compare.sh
}

# Two demos: one as the README's command builds it, and one with every store, which the tests use.
build_demos() {
  local demo="$CARGO_TARGET_DIR/debug/examples/demo"
  export DEMO_PLAIN_BIN="$TMPDIR/demo-plain"
  step "demo" single cargo build --example demo --locked \
    && cp "$demo" "$DEMO_PLAIN_BIN" \
    && step "demo, all stores" single cargo build --example demo --features postgres,redis --locked
}

# A demo left over from an earlier build proves nothing: without a build there is no end-to-end run.
# The time limit is for a file: most tests have one of their own.
run_end_to_end() {
  local limit=600000
  if [[ "$LONG" == true ]]; then
    export E2E_LONG=1
    limit=5400000
  fi
  if ! build_demos; then
    record "end to end (no demo to run)" 0 1 0
    return
  fi
  if ! install_node_packages; then
    record "end to end (packages missing)" 0 1 0
    return
  fi
  rm -f "$ARTIFACTS/e2e.tap"
  touch "$ARTIFACTS/e2e.tap"
  step "end to end" count_node node --test --test-concurrency=1 --test-timeout="$limit" \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$ARTIFACTS/e2e.tap" \
    tests/e2e/*.test.mjs
}

# The first thing that a newcomer does: what is committed, an empty target folder, one command. Its budget
# is four minutes on two cores, crates downloaded; on a shared machine the time is told, not judged.
run_first_command() {
  local clone="$TMPDIR/clone" log="$TMPDIR/first-command.log" start address="" cargo
  git clone --quiet --no-hardlinks . "$clone"
  cd "$clone"
  cargo fetch --quiet --locked
  local port
  port="$(node -e 'const s = require("node:net").createServer();
    s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')"
  start=$SECONDS
  env -u CARGO_TARGET_DIR LISTEN_ADDR="127.0.0.1:$port" \
    cargo run --locked --example demo >"$log" 2>&1 &
  cargo=$!
  while [[ -z "$address" ]] && ((SECONDS - start < 600)) && kill -0 "$cargo" 2>/dev/null; do
    sleep 1
    address="$(grep -o "http://127.0.0.1:$port/" "$log" | head -n 1 || true)"
  done
  tail -n 3 "$log"
  echo "it took $((SECONDS - start)) s until the demo ran; the budget is 240 s on two cores that do nothing else"
  local code=1
  if [[ -n "$address" ]]; then
    node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' \
      "$address" && code=0
  fi
  # cargo does not pass a signal on to what it runs.
  pkill -TERM -P "$cargo" 2>/dev/null || kill "$cargo" 2>/dev/null || true
  wait "$cargo" || true
  cd / && rm -rf "$clone"
  return "$code"
}

main() {
  while (($# > 0)); do
    case "$1" in
      --long) LONG=true ;;
      *)
        echo "usage: tests/run.sh [--long]" >&2
        exit 2
        ;;
    esac
    shift
  done
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  require_tools
  rm -rf "$ARTIFACTS"
  mkdir -p "$ARTIFACTS"

  # Not as a step: sudo may have to ask for a password.
  if ! install_debian_packages; then
    record "Debian packages" 0 1 0
  fi
  check_format || true
  check_lints || true
  run_cargo_tests || true
  run_third_party_tests || true
  run_allocation_tests || true
  run_model || true
  run_simulation || true
  run_fuzzers || true
  check_budgets || true
  build_docs || true
  check_interface || true
  run_end_to_end || true
  step "first command on a fresh clone" single run_first_command || true
  if [[ "$LONG" == true ]]; then
    step "coverage" single tests/coverage.sh || true
    step "mutations, random histories" single node tests/model/mutations.mjs || true
    step "mutations, simulation" single node tests/simulation/mutations.mjs || true
    step "supply chain" single tests/supply_chain.sh || true
    run_soak || true
    measure || true
  fi

  show_failures
  printf '\n%s' "$TABLE"
  echo "$PASSED passed, $FAILED failed"
  ((FAILED == 0))
}

main "$@"
