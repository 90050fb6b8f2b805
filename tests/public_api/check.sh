#!/usr/bin/env bash
# Is the public interface the one that is written down?
#
#   tests/public_api/check.sh [--bless]
#
# current.txt is the interface as it is: a change that was meant is written down with --bless, and shows in the review.
# released.txt, once there is a release, is that of the last one, with its version in the first line ("# 0.1.0"): what has
# left it since wants a version that may break (Semantic Versioning 2.0.0, section 8; 0.y counts as one, as cargo has it).
#
# Compilers word the same interface differently: with another one than toolchain.txt names nothing is checked.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
compiler="$(rustc -V | cut -d. -f1,2)"
if [[ "${1:-}" != --bless && "$compiler" != "$(<toolchain.txt)" ]]; then
  echo "not checked: the list was made with $(<toolchain.txt), this is $compiler"
  exit 0
fi
target="${CARGO_TARGET_DIR:-$PWD/../../target}"
listing="$target/public-api.txt"

RUSTDOC="$PWD/rustdoc.sh" cargo rustdoc --quiet --manifest-path ../../Cargo.toml --lib --all-features --locked \
  --target-dir "$target" -- -Z unstable-options --output-format json
cargo run --quiet --locked --target-dir "$target" -- "$target/doc/axum_oidc_session.json" >"$listing"

if [[ "${1:-}" == --bless ]]; then
  cp "$listing" current.txt
  echo "$compiler" >toolchain.txt
elif ! diff -U 0 current.txt "$listing"; then
  echo "the public interface has changed; if that was meant: tests/public_api/check.sh --bless"
  exit 1
fi

[[ -e released.txt ]] || exit 0
breaking() { sed -E 's/^(0\.[0-9]+|[0-9]+).*/\1/' <<<"$1"; }
released="$(sed -n '1s/^# //p' released.txt)"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' ../../Cargo.toml | head -n 1)"
gone="$(comm -23 <(sed 1d released.txt | sort) <(sort "$listing"))"
if [[ -n "$gone" && "$(breaking "$released")" == "$(breaking "$version")" ]]; then
  printf 'gone or changed since %s, and %s says that nothing is:\n%s\n' "$released" "$version" "$gone"
  exit 1
fi
