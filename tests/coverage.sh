#!/usr/bin/env bash
# Which lines and branches of the security floors no test of the crate runs: fails below 95 of 100 in one of them.
#
#   tests/coverage.sh
#
# Needs llvm-profdata and llvm-cov of the LLVM version that rustc was built with (Debian's llvm-NN); installs them if it may.
# Branches are counted by an unstable option of the compiler, which is let have it for the crate alone. A condition has
# two, taken and not taken; regions are the pieces of code between them.

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

# A binary of an earlier compiler would count, too.
rm -rf "$target/profiles" "$target"/debug/deps/{it,axum_oidc_session}-*
mkdir -p "$target/profiles"
export LLVM_PROFILE_FILE="$target/profiles/%p-%m.profraw"
export RUSTC_WORKSPACE_WRAPPER="$target/rustc"
cat >"$RUSTC_WORKSPACE_WRAPPER" <<'END'
#!/bin/sh
RUSTC_BOOTSTRAP=1 exec "$@" -C instrument-coverage -Z coverage-options=branch
END
chmod +x "$RUSTC_WORKSPACE_WRAPPER"
cargo test --quiet --all-features --locked --lib --test it --target-dir "$target"
find "$target/profiles" -name '*.profraw' >"$target/profiles.list"
"llvm-profdata-$llvm" merge -sparse -f "$target/profiles.list" -o "$target/all.profdata"

# The first stands alone, the others behind an option.
objects=()
while read -r file; do objects+=(${objects[0]+-object} "$file"); done < <(
  find "$target/debug/deps" -maxdepth 1 -type f -perm -u+x \( -name 'axum_oidc_session-*' -o -name 'it-*' \))

low=0
# share ALL RUN: in hundredths of a per cent.
share() { echo $((10000 * $2 / $1)); }
printf '| floor | lines | lines run | branches | branches run | regions run |\n|---|---|---|---|---|---|\n'
for floor in protocol policy session; do
  mapfile -t files < <(find "src/$floor" -name '*.rs' ! -path '*/tests/*' ! -name tests.rs ! -name test_keys.rs)
  of_files=(--instr-profile="$target/all.profdata" "${objects[@]}" "${files[@]}")
  # The two binaries have the code twice: what either runs is run. A report has regions alone of that binary that runs more.
  read -r lines_all lines_run branches_all branches_run < <("llvm-cov-$llvm" export --format=lcov "${of_files[@]}" \
    | awk -F '[:,]' '
      { run = $NF != "-" && $NF != "0" }
      $1 == "DA" { lines++; lines_run += run }
      $1 == "BRDA" { branches++; branches_run += run }
      END { print lines, lines_run, branches, branches_run }')
  read -r regions_all regions_missed < <(
    "llvm-cov-$llvm" report "${of_files[@]}" | awk '$1 == "TOTAL" { print $2, $3 }')
  lines="$(share "$lines_all" "$lines_run")"
  branches="$(share "$branches_all" "$branches_run")"
  regions="$(share "$regions_all" $((regions_all - regions_missed)))"
  printf '| %s | %d | %d.%02d %% | %d | %d.%02d %% | %d.%02d %% |\n' "$floor" "$lines_all" $((lines / 100)) $((lines % 100)) \
    "$branches_all" $((branches / 100)) $((branches % 100)) $((regions / 100)) $((regions % 100))
  ((lines >= 9500 && branches >= 9500)) || low=1
done
exit "$low"
