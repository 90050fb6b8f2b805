//! Tests over the public API: an application, a provider and a browser, on real sockets. The folders mirror src.

#[cfg(test)]
mod access_token;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod backchannel_logout;
#[cfg(test)]
mod callback;
#[cfg(test)]
mod events;
#[cfg(test)]
mod extract;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod login;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod long_responses;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod require;
#[cfg(test)]
mod session;
#[cfg(test)]
mod store_laws;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod supply;
#[cfg(test)]
mod support;
