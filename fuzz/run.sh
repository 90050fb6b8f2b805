#!/usr/bin/env bash
# Fuzzes each target for a while, as many at once as there are processors, and prints a table; fails when one of them does.
#
#   fuzz/run.sh [--smoke | --seconds N] [TARGET…]
#
# --smoke: three seconds for each from the kept corpus, with the same choices as far as the time goes, built in half the time.
# The stable toolchain and a C++ compiler will do: the flags are those that cargo-fuzz passes, less the sanitizers.
# Corpora are read from fuzz/corpus and grow in fuzz/target. What makes a target fail is kept in fuzz/artifacts, and
# the command that repeats it is printed.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
export CARGO_INCREMENTAL=0
# A folder of its own: everything is built with other flags.
export CARGO_TARGET_DIR="$PWD/target"
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
export RUSTFLAGS
TRIPLE="$(rustc -vV | sed -n 's/^host: //p')"

seconds=60 seed=0 profile=release grown="$CARGO_TARGET_DIR/corpus"
case "${1:-}" in
  --smoke)
    seconds=3 seed=1 profile=moment grown="$CARGO_TARGET_DIR/smoke"
    rm -rf "$grown"
    shift
    ;;
  --seconds)
    seconds="$2"
    shift 2
    ;;
esac
targets=("$@")
if ((${#targets[@]} == 0)); then
  for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

# With --target the flags are for the code under test alone, not for build scripts.
cargo build --profile "$profile" --locked --target "$TRIPLE"
BINARIES="$CARGO_TARGET_DIR/$TRIPLE/$profile"

# fuzz TARGET: a row of the table, or what failed; its exit code.
fuzz() {
  local target="$1" log="$CARGO_TARGET_DIR/$1.log" dictionary=()
  mkdir -p "$grown/$target" "artifacts/$target" "corpus/$target"
  [[ ! -e "dictionaries/$target" ]] || dictionary=("-dict=dictionaries/$target")
  if ! "$BINARIES/$target" "${dictionary[@]}" -max_total_time="$seconds" -seed="$seed" -max_len=4096 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="artifacts/$target/" "$grown/$target" "corpus/$target" >"$log" 2>&1; then
    echo "$target failed:"
    grep -m 5 -A 3 'panicked at\|ERROR' "$log" || tail -n 20 "$log"
    echo "repeat it with: ${BINARIES#"$PWD/"}/$target $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1), in fuzz/"
    return 1
  fi
  awk -v target="$target" '
    /cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") edges = $(i + 1); if ($i == "ft:") features = $(i + 1);
      if ($i == "corp:") { split($(i + 1), part, "/"); inputs = part[1] } } }
    /stat::number_of_executed_units/ { units = $2 }
    /stat::average_exec_per_sec/ { rate = $2 }
    END { printf "| %s | %d | %d | %d | %d | %d |\n", target, units, rate, edges, features, inputs }' "$log"
}

# What runs beside this script does not hear of Ctrl-C.
trap 'trap - INT TERM; kill -TERM 0' INT TERM
failed=0 running=0
printf '| target | executions | a second | edges | features | inputs |\n|---|---|---|---|---|---|\n'
for target in "${targets[@]}"; do
  if ((running == $(nproc))); then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz "$target" &
  running=$((running + 1))
done
while ((running > 0)); do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
