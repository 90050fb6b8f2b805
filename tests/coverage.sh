#!/usr/bin/env bash
# Which lines of the security floors no test of the crate runs: fails below 95 of 100 in one of them.
#
#   tests/coverage.sh
#
# Needs llvm-profdata and llvm-cov of the LLVM version that rustc was built with (Debian's llvm-NN); installs them if it may.
# Branches are counted by unstable compilers only: beside lines, regions are told, which are finer.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}/coverage"
export CARGO_INCREMENTAL=0
llvm="$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')"
if ! command -v "llvm-cov-$llvm" >/dev/null; then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get install -q -y --no-install-recommends "llvm-$llvm"
fi

rm -rf "$target/profiles"
mkdir -p "$target/profiles"
export LLVM_PROFILE_FILE="$target/profiles/%p-%m.profraw" RUSTFLAGS="-C instrument-coverage"
cargo test --quiet --all-features --locked --lib --test it --target-dir "$target"
find "$target/profiles" -name '*.profraw' >"$target/profiles.list"
"llvm-profdata-$llvm" merge -sparse -f "$target/profiles.list" -o "$target/all.profdata"

# The first stands alone, the others behind an option.
objects=()
while read -r file; do objects+=(${objects[0]+-object} "$file"); done < <(
  find "$target/debug/deps" -maxdepth 1 -type f -perm -u+x \( -name 'axum_oidc_session-*' -o -name 'it-*' \))

low=0
printf '| floor | lines | lines run | regions run |\n|---|---|---|---|\n'
for floor in protocol policy session; do
  mapfile -t files < <(find "src/$floor" -name '*.rs' ! -path '*/tests/*' ! -name tests.rs ! -name test_keys.rs)
  read -r regions_all regions_missed lines_all lines_missed < <(
    "llvm-cov-$llvm" report --instr-profile="$target/all.profdata" "${objects[@]}" "${files[@]}" \
      | awk '$1 == "TOTAL" { print $2, $3, $8, $9 }')
  lines=$((10000 * (lines_all - lines_missed) / lines_all))
  regions=$((10000 * (regions_all - regions_missed) / regions_all))
  printf '| %s | %d | %d.%02d %% | %d.%02d %% |\n' "$floor" "$lines_all" $((lines / 100)) $((lines % 100)) \
    $((regions / 100)) $((regions % 100))
  ((lines >= 9500)) || low=1
done
exit "$low"
