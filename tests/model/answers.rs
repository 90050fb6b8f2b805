//! What came of a step, beside what must come of it. Each kind of answer has what it must say: one that is left out is wrong.

use serde_json::{Value, json};

use crate::invariants::Invariant::{I1, I2, I4, I5, I7, I8};
use crate::reference::Outcome;
use crate::support::Reply;

/// What came of the last step.
pub(crate) enum Answer {
    Nothing,
    /// `/api/me`.
    Page(Reply),
    /// `/api/token`.
    Token(Reply),
    /// `/auth/session`.
    Status(Reply),
}

impl Answer {
    /// `issued`: what the provider has issued with the latest access token of the session that is asked for one.
    pub(crate) fn check(&self, outcome: &Outcome, issued: &[String]) {
        match (self, outcome) {
            (Self::Nothing, _) => {}
            (Self::Page(reply), Outcome::Served { deadline, ceiling, .. }) => {
                check_page(reply, *deadline, *ceiling);
            }
            (Self::Token(reply), Outcome::Token { expires_at, .. }) => {
                check_token(reply, issued, *expires_at);
            }
            (Self::Page(reply) | Self::Token(reply), _) => check_refusal(reply, outcome),
            (Self::Status(reply), _) => check_status(reply, outcome),
        }
    }
}

fn check_page(reply: &Reply, deadline: i64, ceiling: Option<i64>) {
    I7.check(reply.status == 200, || format!("{} {}", reply.status, reply.text()));
    let json = reply.json();
    I1.check(json["session_expires_at"] == deadline, || format!("{json} instead of {deadline}"));
    let shown = json.get("ceiling");
    I4.check(shown == Some(&json!(ceiling)), || format!("{json} instead of {ceiling:?}"));
}

/// The provider's latest for this session.
fn check_token(reply: &Reply, issued: &[String], expires_at: i64) {
    I7.check(reply.status == 200, || format!("{} {}", reply.status, reply.text()));
    let json = reply.json();
    let token = json["access_token"].as_str().unwrap_or_default();
    I5.check(issued.iter().any(|value| value == token), || {
        format!("{token} is not the latest, which is among {issued:?}")
    });
    I1.check(json["expires_at"] == expires_at, || format!("{json} instead of {expires_at}"));
}

fn check_refusal(reply: &Reply, outcome: &Outcome) {
    let (by, told) = match outcome {
        Outcome::Over { reasons } if !reasons.contains(&"revoked") => (I1, Some(reasons)),
        Outcome::Over { reasons } => (I2, Some(reasons)),
        Outcome::Absent { told } => (I2, told.as_ref()),
        _ => panic!("{} {} instead of {outcome:?}", reply.status, reply.text()),
    };
    by.check(reply.status == 401, || format!("{} {}", reply.status, reply.text()));
    let code = if told.is_some() { "session_expired" } else { "login_required" };
    I8.check(reply.code() == code, || format!("{} instead of {outcome:?}", reply.text()));
    check_reason(&reply.json(), told);
}

fn check_reason(json: &Value, told: Option<&Vec<&'static str>>) {
    let reason = json["reason"].as_str();
    let is_right = match told {
        Some(reasons) => reason.is_some_and(|reason| reasons.contains(&reason)),
        None => reason.is_none(),
    };
    I8.check(is_right, || format!("{json} instead of {told:?}"));
}

fn check_status(reply: &Reply, outcome: &Outcome) {
    I7.check(reply.status == 200, || format!("{} {}", reply.status, reply.text()));
    let json = reply.json();
    let told = match outcome {
        Outcome::Served { deadline, .. } => {
            I7.check(json["authenticated"] == true, || json.to_string());
            I1.check(json["expires_at"] == *deadline, || format!("{json} instead of {deadline}"));
            None
        }
        Outcome::Over { reasons } => Some(reasons),
        Outcome::Absent { told } => told.as_ref(),
        _ => panic!("{json} instead of {outcome:?}"),
    };
    I1.check(json["authenticated"] == matches!(outcome, Outcome::Served { .. }), || {
        json.to_string()
    });
    check_reason(&json, told);
}
