//! Signing in and out: through the server, the provider, and back.

use url::form_urlencoded::Serializer;

use crate::browser::{Browser, Known, Leaves};
use crate::load::{FETCH, NAVIGATION, Problem, Worker};
use crate::model::{Deadlines, Span};
use crate::provider::{USERS, user};
use crate::wire::{Ask, Reply};

impl Worker {
    /// A whole login.
    pub(crate) async fn sign_in(&mut self, browser: &mut Browser) -> Result<(), Problem> {
        let leaves = Leaves::choose(&mut self.random);
        let sub = user(self.random.below(USERS));
        let (begun, _) = self.navigate(browser, "/auth/login?return_to=%2Fprofile").await?;
        let at_provider = redirect(&begun, &self.issuer)?;
        let (callback, signed_in) = self.type_in(&at_provider, &sub, leaves).await?;
        let (completed, begun) = self.navigate(browser, &callback).await?;
        let home = redirect(&completed, &self.base_url)?;
        if home != "/profile" {
            return Err(Problem::new("a login leads elsewhere", &completed));
        }
        let deadlines = Deadlines { ceiling: leaves.ceiling(signed_in), begun, used: begun };
        let requests = leaves.requests(&mut self.random);
        let known = Known { sub, deadlines, leaves, requests, notes: 0, rests_until: 0 };
        browser.session = Some(known);
        self.tally.logins.add();
        Ok(())
    }

    /// What a person does at the provider; where that sends the browser, and when.
    async fn type_in(
        &mut self,
        target: &str,
        sub: &str,
        leaves: Leaves,
    ) -> Result<(String, Span), Problem> {
        let request = target.split_once('?').map_or("", |(_, query)| query);
        let expiry = leaves.session_expiry_in().map(|seconds| seconds.to_string());
        let form = Serializer::new(String::new())
            .append_pair("request", request)
            .append_pair("sub", sub)
            .append_pair("session_expiry_in", &expiry.unwrap_or_default())
            .append_pair("access_token_lifetime", TOKEN_LIFETIME)
            .finish();
        let headers = "content-type: application/x-www-form-urlencoded\r\n";
        let ask = Ask { method: "POST", target: "/sign-in", headers, cookies: "", body: &form };
        let from = self.clock.seconds();
        let reply = self.provider.send(&ask).await?;
        let span = Span { from, to: self.clock.seconds() };
        Ok((redirect(&reply, &self.base_url)?, span))
    }

    /// Signs out, here and at the provider, and tries the old cookies.
    pub(crate) async fn sign_out(&mut self, browser: &mut Browser) -> Result<(), Problem> {
        let old = browser.jar.clone();
        let by_script = self.random.below(2) == 0;
        let headers = if by_script { FETCH } else { NAVIGATION };
        let (reply, _) = self.ask(browser, "POST", "/auth/logout", headers).await?;
        let at_provider = match reply.status {
            200 if by_script => below(logout_url(&reply).as_deref(), &self.issuer),
            303 if !by_script => below(reply.location(), &self.issuer),
            _ => None,
        };
        let at_provider = at_provider.ok_or_else(|| Problem::new("no logout", &reply))?;
        if !browser.jar.header().is_empty() {
            return Err(Problem::new("a logout leaves cookies", &reply));
        }
        let ask =
            Ask { method: "GET", target: &at_provider, headers: NAVIGATION, cookies: "", body: "" };
        let ended = self.provider.send(&ask).await?;
        redirect(&ended, &self.base_url)?;
        browser.jar = old;
        let (refused, _) = self.ask(browser, "GET", "/profile", FETCH).await?;
        if refused.status != 401 {
            return Err(Problem::new("a session lives on after the logout", &refused));
        }
        self.tally.logouts.add();
        browser.forget();
        let (public, _) = self.navigate(browser, "/").await?;
        if (public.status, public.body.as_str()) != (200, "nobody") {
            return Err(Problem::new("nobody is somebody", &public));
        }
        Ok(())
    }
}

/// Where a redirect goes on the server at `origin`: path and query.
fn redirect(reply: &Reply, origin: &str) -> Result<String, Problem> {
    let target = below(reply.location(), origin).filter(|_| reply.status == 303);
    target.ok_or_else(|| Problem::new("no redirect", reply))
}

fn below(url: Option<&str>, origin: &str) -> Option<String> {
    let target = url?.strip_prefix(origin)?;
    target.starts_with('/').then(|| target.to_owned())
}

fn logout_url(reply: &Reply) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(&reply.body).ok()?;
    body["logout_url"].as_str().map(str::to_owned)
}

/// Seconds of the crate's: the token is refreshed when 90 of them have passed.
const TOKEN_LIFETIME: &str = "120";
