#!/usr/bin/env bash
# What a request costs under our layer and under those of other crates: one table, in Markdown.
#
#   benches/compare.sh [--counts] [--seconds N] [--pairs N]
#
# --counts leaves the HTTP load out; N seconds a run (1), N pairs of runs (7). Needs cargo and Debian's valgrind, wrk,
# redis-server and postgresql. Takes about ten minutes, and the machine should do nothing else.
#
# - Instructions (callgrind) and allocations: in process, above the same request on a bare route.
# - Throughput: by wrk over loopback HTTP with 32 connections, as a fraction of the bare route's. The case and the bare
#   route take turns; the median of the pairs is told, and the least and the greatest.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
export CARGO_INCREMENTAL=0

build() {
  cargo build --quiet --release --locked "$@" >&2
}

version_of() {
  awk -v name="$1" '$0 == "name = \"" name "\"" { getline; gsub(/[^0-9.]/, "", $3); found = $3 } END { print found }' \
    peers/Cargo.lock
}

main() {
  build --manifest-path measure/Cargo.toml --features stores --bin rows
  build --manifest-path peers/Cargo.toml
  echo "| a request with | instructions | allocations | throughput | requests per second |"
  echo "|---|---|---|---|---|"
  "${CARGO_TARGET_DIR:-measure/target}/release/rows" "$@"
  "${CARGO_TARGET_DIR:-peers/target}/release/peers" "$@"
  echo
  echo "$(date +%F), $(rustc --version | cut -d' ' -f1-2), $(nproc) cores; axum $(version_of axum), tower-sessions" \
    "$(version_of tower-sessions), axum-login $(version_of axum-login), axum-oidc $(version_of axum-oidc);" \
    "\`bash benches/compare.sh $*\`"
}

main "$@"
