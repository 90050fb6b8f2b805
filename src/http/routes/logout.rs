//! POST logout ends the session, here and then at the provider; GET asks whether to.
//!
//! | request | answer |
//! |---|---|
//! | GET | 200, a page with a button |
//! | POST from another site | 403, the session lives on |
//! | POST, a form | 303 to the provider's end of session, or home if it has none; 200 with a page that posts a form there if the URL would reach 2 KB |
//! | POST, a fetch | 200 `{"logout_url": …}`: where to go on, absolute, below 2 KB. If it lacks the hint for that reason, `logout_form` has all of it: `{"action": …, "fields": {…}}`, to be posted |
//! | POST, and the store fails | 503 that says that the session may live on elsewhere, with the way on to the provider |
//! | POST, and a hook of the application panics | 500 that says the same |
//!
//! Every answer to a POST of our own site signs the browser out ([`signed_out`](crate::http::signed_out)), also those of the last
//! two rows: it may be a shared one. For the same reason a browser without a session is sent on to the provider as well: whose session ended long ago may still be signed in there.

use std::sync::Arc;

use axum::extract::State;
use axum_core::response::Response;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::config::page::PageAction;
use crate::config::settings::Config;
use crate::flow::logout::{self, AtProvider, LoggedOut, LogoutForm};
use crate::flow::relying_party::RelyingParty;
use crate::http::cookies::{self, CookieJar, RequestCookies};
use crate::http::facts;
use crate::http::response::{answer, logout_form};
use crate::http::signed_out::sign_out;
use crate::policy::{Answer, RequestKind, answer as answer_for};
use crate::session::contract::StoreError;
use crate::session::entry::Entry;
use crate::session::id::SessionCookie;
use crate::session::sessions::Lookup;
use crate::spawn;

pub(crate) async fn confirm(State(rp): State<Arc<RelyingParty>>) -> Response {
    let config = &rp.config;
    let actions = vec![
        PageAction::button("Sign out", config.base.below(&config.paths.logout)),
        PageAction::link("Stay signed in", config.base.home()),
    ];
    let text = "You will be signed out of this application and at the sign-in service.";
    answer::page(config, &answer::new_page(200, "confirm_logout", "Sign out?", &[text], actions))
}

pub(crate) async fn logout(
    State(rp): State<Arc<RelyingParty>>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let config = &rp.config;
    let kind = facts::kind(&method, &headers);
    if let Err(refused) = facts::check_cross_site(config, &method, &headers) {
        return answer::cross_site_asked(config, kind, refused);
    }
    let cookies = RequestCookies::scan(&headers, &config.cookies);
    let bindings = cookies::bindings(&headers, &config.cookies);
    let has_rounds = cookies.has_rounds;
    let done = spawn::to_the_end(&*config.spawn, end(Arc::clone(&rp), cookies)).await;
    let was_live = done.as_ref().is_some_and(|done| done.was_live);
    let mut response = match done {
        Some(Done { logged_out: LoggedOut { here: Ok(()), at_provider }, .. }) => {
            signed_out(config, kind, at_provider)
        }
        Some(Done { logged_out: LoggedOut { here: Err(_), at_provider }, .. }) => {
            signed_out_here(config, kind, at_provider)
        }
        None => answer::logout_interrupted(config, kind),
    };
    let headers = response.headers_mut();
    sign_out(config, headers, Some(&bindings));
    if was_live && has_rounds {
        CookieJar::new(&config.cookies, headers).remove(&config.cookies.rounds);
    }
    response
}

fn signed_out(config: &Config, kind: RequestKind, at_provider: Option<AtProvider>) -> Response {
    match (answer_for(kind), at_provider) {
        (Answer::Json401, at_provider) => script(config, at_provider),
        (_, None) => answer::redirect(&config.base.home()),
        (_, Some(AtProvider { form: Some(form), .. })) => logout_form::page(&form),
        (_, Some(AtProvider { url, form: None })) => answer::redirect(url.as_str()),
    }
}

/// For a script, which navigates or posts.
fn script(config: &Config, at_provider: Option<AtProvider>) -> Response {
    let body = match at_provider {
        None => json!({"logout_url": config.base.home()}),
        Some(AtProvider { url, form: None }) => json!({"logout_url": url.as_str()}),
        Some(AtProvider { url, form: Some(form) }) => {
            json!({"logout_url": url.as_str(), "logout_form": form_json(&form)})
        }
    };
    answer::json_response(StatusCode::OK, &body)
}

fn form_json(form: &LogoutForm) -> Value {
    let fields = form.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    json!({"action": form.action.as_str(), "fields": fields.collect::<Map<_, _>>()})
}

/// The store has failed. A long hint goes by a form here, too.
fn signed_out_here(
    config: &Config,
    kind: RequestKind,
    at_provider: Option<AtProvider>,
) -> Response {
    let Some(AtProvider { url, form }) = at_provider else {
        return answer::signed_out_here(config, kind, None);
    };
    let with_form = form.as_ref().map(|form| (form, form_json(form)));
    answer::signed_out_here(config, kind, Some((url.as_str(), with_form)))
}

/// What a logout came to, and whether the browser had a live session: its sign-in was no round of a loop (ceiling rule 6).
struct Done {
    logged_out: LoggedOut,
    was_live: bool,
}

/// Ends what there is to end. A session that is over already, even one that is gone, is still ended at the provider.
///
/// A task: a client that hangs up is signed out all the same. A store that fails is told in it.
async fn end(rp: Arc<RelyingParty>, cookies: RequestCookies) -> Done {
    let mut was_live = false;
    let found = find(&rp, cookies.session.as_ref(), &mut was_live).await;
    let logged_out = match found {
        Ok(Some(entry)) => logout::logout(&rp, &entry).await,
        found => {
            LoggedOut { here: found.map(drop), at_provider: logout::without_session(&rp).await }
        }
    };
    Done { logged_out, was_live }
}

/// The session to end, if it can be opened here.
async fn find(
    rp: &Arc<RelyingParty>,
    cookie: Option<&SessionCookie>,
    was_live: &mut bool,
) -> Result<Option<Arc<Entry>>, StoreError> {
    let tell = |error: &StoreError| answer::tell_store_error(&rp.config, error);
    let Some(cookie) = cookie else { return Ok(None) };
    match rp.sessions.load(cookie).await.inspect_err(tell)? {
        Lookup::Live(live) => {
            *was_live = true;
            Ok(Some(Arc::clone(live.entry())))
        }
        Lookup::Over(entry, _) => Ok(entry),
        Lookup::Moved(handle) => logout::logout_moved(rp, handle).await.map(|()| None),
        // Also what only another node, or another version of this program, would take for a session.
        Lookup::Foreign | Lookup::Unknown => {
            rp.sessions.forget(cookie).await.inspect_err(tell)?;
            rp.sessions.wait_for_nodes().await;
            Ok(None)
        }
    }
}
