#!/usr/bin/env bash
# Fuzzes each target for a while and prints a table; fails when one of them does.
#
#   fuzz/run.sh [--seconds N] [TARGET…]
#
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

seconds=60
if [[ "${1:-}" == --seconds ]]; then
  seconds="$2"
  shift 2
fi
targets=("$@")
if ((${#targets[@]} == 0)); then
  for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

# With --target the flags are for the code under test alone, not for build scripts.
cargo build --release --locked --target "$TRIPLE"

failed=0
printf '| target | executions | a second | edges | features | inputs |\n|---|---|---|---|---|---|\n'
for target in "${targets[@]}"; do
  grown="$CARGO_TARGET_DIR/corpus/$target" log="$CARGO_TARGET_DIR/$target.log"
  mkdir -p "$grown" "artifacts/$target" "corpus/$target"
  dictionary=()
  [[ ! -e "dictionaries/$target" ]] || dictionary=("-dict=dictionaries/$target")
  binary="$CARGO_TARGET_DIR/$TRIPLE/release/$target"
  if ! "$binary" "${dictionary[@]}" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="artifacts/$target/" "$grown" "corpus/$target" >"$log" 2>&1; then
    failed=1
    echo "$target failed:"
    grep -m 5 -A 3 'panicked at\|ERROR' "$log" || tail -n 20 "$log"
    echo "repeat it with: fuzz/target/$TRIPLE/release/$target fuzz/$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
    continue
  fi
  awk -v target="$target" '
    /cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") edges = $(i + 1); if ($i == "ft:") features = $(i + 1);
      if ($i == "corp:") { split($(i + 1), part, "/"); inputs = part[1] } } }
    /stat::number_of_executed_units/ { units = $2 }
    /stat::average_exec_per_sec/ { rate = $2 }
    END { printf "| %s | %d | %d | %d | %d | %d |\n", target, units, rate, edges, features, inputs }' "$log"
done
exit "$failed"
