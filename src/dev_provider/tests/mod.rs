//! Every endpoint over a real socket: the right answer, the refusals, and one thing wrong at a time.

mod authorization;
mod backchannel;
mod control;
mod discovery;
mod end_session;
mod faults;
mod harness;
mod id_token_faults;
mod pages;
mod refresh;
mod replies;
mod revocation;
mod token;
mod userinfo;
