// Does the model bite? Each mutation breaks one promise of the crate in a copy of it; random histories must find it.
//
//   node tests/model/mutations.mjs [NUMBER…]
//
// What only requests at the same time can see (a check that another one makes up for, a save without its version) is not among
// them: for that there are the simulation, and the orders of two nodes in tests/it/nodes/races. Takes about half a minute for each.

import { LIMITS, mutate } from '../mutate.mjs';

/** What, the file, and pairs of a text and what stands in its place. */
const MUTATIONS = [
  ...LIMITS,
  ['the ceiling is not looked at', 'src/policy/deadline/lifetime.rs',
    'Some(at) if at <= local.at =>', 'Some(at) if false && at <= local.at =>'],
  ['a first ceiling at a refresh is not taken', 'src/policy/ceiling/fix.rs',
    'Ok(Ceiling::At(expiry.unix_time()))', 'Ok(Ceiling::None)'],
  ['uses are not written down', 'src/policy/touch.rs',
    'now.seconds_since(last_touched).unsigned_abs() >= interval(idle).as_secs()', 'now < last_touched && idle.is_zero()'],
  ['every use is written down', 'src/policy/touch.rs',
    'now.seconds_since(last_touched).unsigned_abs() >= interval(idle).as_secs()', 'now > last_touched || idle.is_zero()'],
  ['tokens are refreshed when they have expired', 'src/policy/refresh.rs',
    'let quarter = expires_at.seconds_since(issued_at).max(0) / 4;', 'let quarter = expires_at.seconds_since(issued_at).min(0);'],
  ['new tokens are not kept', 'src/flow/refresh_answer.rs',
    'state.tokens = Tokens { scope, ..tokens.clone() };', 'drop(scope);'],
  ['a logout ends nothing', 'src/flow/logout.rs',
    'end::try_end_with_successors(rp, entry, EndReason::LoggedOut).await',
    'Ok::<_, StoreError>(end::EndedChain { last: Arc::clone(entry), first: true })'],
  ['a logout token finds nothing in memory', 'src/session/ending.rs', 'for entry in store.find_by(&keys) {', 'for entry in store.find_by(&keys[..0]) {'],
  ['a logout token finds nothing in a store', 'src/session/ending.rs',
    'in sealed.find_sessions(&keys).await? {', 'in sealed.find_sessions(&keys[..0]).await? {'],
  ['the session before a login lives on', 'src/flow/previous.rs',
    '_ => end::replace(rp, &self.entry).await,', '_ => {}'],
  ['the reason is another', 'src/policy/deadline/admit.rs',
    'Self::IdleLimit => Limit::Idle.as_str(),', 'Self::IdleLimit => Limit::Absolute.as_str(),'],
  ['the status tells of the limit that is later', 'src/http/routes/session.rs',
    '"expires_at": deadline.at.seconds(),', '"expires_at": deadline.at.seconds() + 1,'],
  ['a token is said to outlive its session', 'src/policy/refresh.rs',
    'expires_at.map_or(deadline.at, |own| own.min(deadline.at))', 'expires_at.unwrap_or(deadline.at)'],
  ['a token is said to live as long as its session', 'src/policy/refresh.rs',
    'expires_at.map_or(deadline.at, |own| own.min(deadline.at))', '{ let _ = expires_at; deadline.at }'],
  ['the token from before the refresh is handed out', 'src/flow/access_token.rs',
    'Ok(()) => Ok(hand_out(tokens, &live)),', 'Ok(()) => Ok(hand_out(&before.state.tokens, &live)),',
    'let mut refreshed = refresh::refresh(rp, live.entry()).await;',
    'let before = live.entry().state();\n    let mut refreshed = refresh::refresh(rp, live.entry()).await;'],
  ['a load that an end has overtaken comes into use', 'src/session/known.rs', 'if !is_current() {', 'if false && !is_current() {'],
  ['a running handler hears of no end elsewhere', 'src/session/confirm.rs',
    'if !self.is_shared() || entry.ended().is_some() {', 'if true {'],
  ['the marker tells of another limit', 'src/http/cookies.rs',
    'Refusal::named(reason)?', 'Refusal::named(if reason == "idle" { "absolute" } else { reason })?'],
  ['a logout leaves the marker', 'src/http/signed_out.rs',
    '    jar.remove(&names.session);\n    jar.remove(&names.marker);', '    jar.remove(&names.session);'],
];

mutate({
  mutations: MUTATIONS,
  wanted: process.argv.slice(2).map(Number),
  paths: ['tests/it/support', 'tests/model'],
  command: ['cargo', 'test', '--quiet', '--manifest-path', 'tests/model/Cargo.toml', '--locked', '--', 'memory', 'laws'],
  env: { MODEL_CASES: '192', MODEL_SHRINK: '0' },
});
