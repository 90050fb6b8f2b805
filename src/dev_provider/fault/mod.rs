//! Everything that can be made wrong, one thing at a time.

mod authorization;
mod id_token;
mod metadata;
mod reply;
mod switch;
mod token;

pub use authorization::AuthorizationFault;
pub use id_token::{IdTokenFault, RefreshFault};
pub use metadata::{JwksFault, MetadataFault};
pub use reply::BrokenReply;
pub use switch::Fault;
pub use token::{TokenFault, UserInfoFault};
