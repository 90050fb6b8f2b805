#!/usr/bin/env bash
# What takes too long for each run: cargo-deny (built where it is missing), the least versions of direct dependencies, the
# promised compiler (where rustup has it), the documentation as docs.rs builds it, the package as users unpack it.
#
# The tests in tests/it/supply look at licences, sources, bans and compilers in each run.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_INCREMENTAL=0
promised="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

echo "--- licences, bans, sources"
export PATH="$target/tools/bin:$PATH"
command -v cargo-deny >/dev/null || cargo install --quiet --locked --root "$target/tools" cargo-deny
cargo deny --all-features check licenses bans sources

echo "--- advisories"
# The database is a git repository: where it cannot be had the tool says so, and that is no finding.
if ! cargo deny --all-features check advisories 2>"$folder/advisories"; then
  if grep -q 'failed to fetch advisory database\|unable to load advisory database' "$folder/advisories"; then
    echo "not checked: the database cannot be had here"
  else
    cat "$folder/advisories" >&2
    exit 1
  fi
fi

echo "--- the least versions of direct dependencies"
git clone --quiet --no-hardlinks . "$folder/least"
(
  cd "$folder/least"
  # Only the choice of versions wants the unstable flag; the build is the stable one's.
  RUSTC_BOOTSTRAP=1 cargo -Z direct-minimal-versions generate-lockfile --quiet
  cargo check --quiet --lib --all-features --locked --target-dir "$folder/target"
)

echo "--- Rust $promised"
if command -v rustup >/dev/null && rustup run "$promised" cargo --version 2>/dev/null; then
  rustup run "$promised" cargo check --quiet --lib --all-features --locked --target-dir "$folder/target"
else
  echo "not built: that toolchain is not here; lints (incompatible_msrv) and what dependencies declare are checked in each run"
fi

echo "--- the documentation as docs.rs builds it"
RUSTC_BOOTSTRAP=1 RUSTDOCFLAGS="--cfg docsrs -D warnings" \
  cargo doc --quiet --no-deps --all-features --locked --target-dir "$folder/target"

echo "--- the package, unpacked and built"
cargo package --quiet --locked --target-dir "$folder/target"
