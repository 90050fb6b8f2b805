#!/usr/bin/env bash
# What a dependency costs whoever uses it: packages in the tree, and seconds of a clean build, beside
# two others that sign users in with OpenID Connect.
#
#   benches/build_cost.sh [ROUNDS]
#
# Three programs of a few lines, each with axum and tokio as the README has them:
#
#   1. axum-oidc-session (this folder), default features;
#   2. axum-oidc 0.6, with the session layer that it needs;
#   3. tower-sessions and openidconnect with its HTTP client, for who writes the rest by hand.
#
# They are made in a temporary folder and resolve to the newest versions there are, as a new program
# would: cargo fetches what is missing, before anything is measured. "Packages" are those of the tree
# for this machine without dev-dependencies, the program itself not counted. "Seconds" are of a clean
# `cargo build` in the dev profile, the best of ROUNDS (2 by default), taken in turns so that other work
# on the machine hurts all alike. Nothing else should be running; the table tells the number of cores.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROOT="$PWD"
readonly ROUNDS="${1:-2}"
export CARGO_INCREMENTAL=0
export CARGO_TERM_COLOR=never
unset CARGO_TARGET_DIR
FOLDER="$(mktemp -d)"
readonly FOLDER
trap 'rm -rf "$FOLDER"' EXIT

readonly PROGRAMS=(axum-oidc-session axum-oidc tower-sessions-openidconnect)

# program NAME: makes it; its dependencies beside axum and tokio come from the input, before a line of
# `---`, and its code after it.
program() {
  local name="$1" folder="$FOLDER/$1" line dependencies="" code="" in_code=false
  while IFS= read -r line; do
    if [[ "$line" == --- ]]; then
      in_code=true
    elif [[ "$in_code" == true ]]; then
      code+="$line"$'\n'
    else
      dependencies+="$line"$'\n'
    fi
  done
  mkdir -p "$folder/src"
  cat >"$folder/Cargo.toml" <<EOF
[package]
name = "user-of-$name"
version = "0.0.0"
edition = "2024"

[dependencies]
axum = "0.8"
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
$dependencies
EOF
  printf '%s' "$code" >"$folder/src/main.rs"
}

make_programs() {
  program axum-oidc-session <<EOF
axum-oidc-session = { path = "$ROOT" }
---
use axum_oidc_session::{MemoryStore, OidcAuth};

#[tokio::main]
async fn main() {
    let auth = OidcAuth::builder("https://op.example.com", "client").store(MemoryStore::default());
    let app: axum::Router = auth.build().unwrap().routes();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
EOF
  program axum-oidc <<'EOF'
axum-oidc = "0.6"
tower = "0.5"
tower-sessions = "0.14"
---
use axum::error_handling::HandleErrorLayer;
use axum_oidc::{EmptyAdditionalClaims, OidcAuthLayer};

#[tokio::main]
async fn main() {
    let issuer = "https://op.example.com".to_string();
    let home = axum::http::Uri::from_static("https://app.example.com");
    let client = OidcAuthLayer::<EmptyAdditionalClaims>::discover_client(home, issuer, "client".into(), None, vec![]);
    let layer = tower::ServiceBuilder::new()
        .layer(HandleErrorLayer::new(|_: axum_oidc::error::MiddlewareError| async { "failed" }))
        .layer(client.await.unwrap());
    let sessions = tower_sessions::SessionManagerLayer::new(tower_sessions::MemoryStore::default());
    let app: axum::Router = axum::Router::new().layer(layer).layer(sessions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
EOF
  program tower-sessions-openidconnect <<'EOF'
openidconnect = "4.1"
tower-sessions = "0.15"
---
use openidconnect::{IssuerUrl, core::CoreProviderMetadata, reqwest};

#[tokio::main]
async fn main() {
    let issuer = IssuerUrl::new("https://op.example.com".into()).unwrap();
    CoreProviderMetadata::discover_async(issuer, &reqwest::Client::new()).await.unwrap();
    let sessions = tower_sessions::SessionManagerLayer::new(tower_sessions::MemoryStore::default());
    let app: axum::Router = axum::Router::new().layer(sessions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
EOF
}

# packages NAME: how many there are in its tree besides itself.
packages() {
  local all
  all="$(cargo tree --quiet --offline --manifest-path "$FOLDER/$1/Cargo.toml" \
    --edges normal,build --prefix none | sed 's/ (\*)$//' | sort -u | wc -l)"
  echo $((all - 1))
}

# build NAME: the seconds of a clean build, with one digit.
build() {
  local start="${EPOCHREALTIME/./}"
  rm -rf "$FOLDER/$1/target"
  cargo build --quiet --offline --manifest-path "$FOLDER/$1/Cargo.toml" >&2
  local tenths=$(((${EPOCHREALTIME/./} - start) / 100000))
  echo "$((tenths / 10)).$((tenths % 10))"
}

main() {
  local name round seconds
  local -A best=()
  make_programs
  for name in "${PROGRAMS[@]}"; do
    cargo generate-lockfile --quiet --manifest-path "$FOLDER/$name/Cargo.toml"
    cargo fetch --quiet --manifest-path "$FOLDER/$name/Cargo.toml"
  done
  for ((round = 1; round <= ROUNDS; round++)); do
    for name in "${PROGRAMS[@]}"; do
      seconds="$(build "$name")"
      echo "$name, round $round: $seconds s" >&2
      best[$name]="$(printf '%s\n' "$seconds" "${best[$name]:-$seconds}" | sort -n | head -n 1)"
      rm -rf "$FOLDER/$name/target"
    done
  done
  echo "| on $(nproc) cores, $(rustc --version) | packages | seconds |"
  echo "|---|---|---|"
  for name in "${PROGRAMS[@]}"; do
    echo "| $name | $(packages "$name") | ${best[$name]} |"
  done
}

main
