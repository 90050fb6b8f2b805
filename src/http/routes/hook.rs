//! The application's hook before a login, a callback or a logout token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum_core::response::Response;

use crate::config::hooks::{AuthRequest, AuthRequestKind};
use crate::flow::relying_party::RelyingParty;

/// Asks the hook, and goes on unless it answers itself. The body is not read.
pub(super) async fn ask(
    State((rp, kind)): State<(Arc<RelyingParty>, AuthRequestKind)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(hook) = &rp.config.hooks.before_auth_request else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    match hook(AuthRequest { kind, parts: parts.clone() }).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(response) => response,
    }
}
