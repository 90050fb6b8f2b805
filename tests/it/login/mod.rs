//! The login route: what is asked of the provider, and when no login begins.

mod api;
mod attempts;
mod configuration;
mod hook;
mod host;
mod no_randomness;
mod not_begun;
mod other_sites;
mod paths;
mod provider_down;
mod query;
mod ranges;
mod request;
mod return_to;
mod typed_errors;
