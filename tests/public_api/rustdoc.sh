#!/usr/bin/env bash
# rustdoc with its JSON output, which the stable one has only so. For rustdoc alone: what it documents is built as always.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
