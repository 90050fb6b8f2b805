// Does the simulation bite? Each mutation breaks one promise of the crate in a copy of it; seeds must find it.
//
//   node tests/simulation/mutations.mjs [NUMBER…]
//
// Some are seen only when several nodes, a lost answer or a death meet. Takes about a minute for each,
// and three at most.

import { LIMITS, mutate } from '../mutate.mjs';

const MUTATIONS = [
  ...LIMITS,
  ['a refresh goes on without the lease', 'src/session/lease.rs',
    'if !lock.take().await? {\n            return Ok(None);\n        }', 'lock.take().await?;\n        lock.hold(Moment::now(&*self.clock));'],
  ['a refresh ends with its client', 'src/flow/refresh.rs',
    'let outcome = rp.refreshes.join(finder, &*rp.config.spawn, task);',
    'let _ = finder;\n    let outcome = async { Some(task().await) };'],
  ['the intent is not saved', 'src/flow/refresh_intent.rs',
    'state.tokens.refresh = Refresh::Token { token, unanswered: sent_before + 1 };',
    'state.tokens.refresh = Refresh::Token { token, unanswered: sent_before };'],
  ['an answer that was lost counts for none', 'src/flow/refresh_intent.rs', 'const MOST_SENDS: u8 = 2;', 'const MOST_SENDS: u8 = 9;'],
  ['new tokens are given up when the store fails', 'src/flow/refresh_answer.rs',
    'let saved = update(rp, entry, Patience::UntilDeadline, |state| {\n        // A token',
    'let saved = update(rp, entry, Patience::Short, |state| {\n        // A token'],
  ['a revocation finds no session', 'src/session/ending.rs',
    'in sealed.find_sessions(&keys).await? {', 'in sealed.find_sessions(&keys[..0]).await? {'],
  ['the cache is not told of other nodes', 'src/session/services.rs', 'cache.drop_entry(&entry);', 'let _ = &entry;',
    'StoreEvent::Deleted(_) => sealed.deleted_elsewhere(&id),', 'StoreEvent::Deleted(_) => sealed.known().find(&id),'],
  ['a store that fails is taken for one without the session', 'src/http/slow.rs',
    'return Ok(answer::store_unavailable(&rp, &request));', 'Lookup::Unknown'],
  ['a node that slept serves what it had kept', 'src/session/moment.rs',
    '&& clock.now().seconds() < self.wall_until.load(Ordering::Relaxed)', '&& self.wall_until.load(Ordering::Relaxed) > 0'],
  ['a stream goes on', 'src/http/body.rs', 'if !is_asked && body.is_end_stream() {', 'if true || body.is_end_stream() {'],
  ['streams do not hear of other nodes', 'src/session/watch_service.rs', 'look(&sealed, all).await;', 'let _ = (&sealed, all);'],
  ['a token is said to live longer than its session', 'src/flow/access_token.rs',
    'policy::reported_expiry(tokens.expires_at, live.deadline())', 'tokens.expires_at.unwrap_or(live.deadline().at)'],
  ['a login attempt is used twice', 'src/session/attempt.rs',
    'Ok(first.then_some(ConsumedAttempt(self)))', '{ let _ = first; Ok(Some(ConsumedAttempt(self))) }',
    // What keeps it from being exchanged twice stands before that.
    'src/flow/one_exchange.rs', 'Some(_) if has_waited || rp.sessions.has_begun(handle).await? => {', 'Some(_) if has_waited && false => {',
    'None => has_waited = true,', 'None => { has_waited = true; return Ok(Claim::Ours(None)); }'],
  ['a load that an end has overtaken comes into use', 'src/session/known.rs', 'if !is_current() {', 'if false && !is_current() {'],
  ['who waited is not looked at again', 'src/http/extract/find.rs',
    'match auth.rp.sessions.check(live) {', 'match Ok::<_, crate::policy::EndReason>(live.entry().state()) {'],
  ['a running handler hears of no end elsewhere', 'src/session/confirm.rs',
    'if !self.is_shared() || entry.ended().is_some() {', 'if true {'],
  ['another limit is named', 'src/policy/deadline/admit.rs',
    'Self::AbsoluteLimit => Limit::Absolute.as_str(),', 'Self::AbsoluteLimit => Limit::Ceiling.as_str(),'],
  ['an event shows whose session it is', 'src/events/event.rs',
    '.field("reference", &self.reference)', '.field("reference", &self.reference)\n            .field("subject", &self.subject)'],
  ['a login forgets the markers', 'src/session/creation.rs',
    'let verdict = self.verdict(live.entry()).await;', 'let verdict = self.verdict(live.entry()).await.map(|_| Verdict::Passes);'],
  ['an old record serves', 'src/session/opened.rs',
    '&& kept.record.auth == stored.auth', '&& kept.record.auth.version <= stored.auth.version'],
  ['after two masters what the lost one knew serves', 'src/session/known.rs',
    'Some(seen) => entry.reset_to(&loaded, seen),', 'Some(_) => entry.take_over(&loaded),'],
  ['new tokens are not kept', 'src/flow/refresh_answer.rs', 'state.tokens = Tokens { scope, ..tokens.clone() };', 'drop(scope);'],
  ['uses are not written down', 'src/policy/touch.rs',
    'now.seconds_since(last_touched).unsigned_abs() >= interval(idle).as_secs()', 'now < last_touched && idle.is_zero()'],
  ['the end on a node whose clock is ahead is taken for a logout', 'src/policy/deadline/admit.rs',
    'if now.saturating_add(NODES_APART) >= deadline.at {', 'if now >= deadline.at {'],
];

mutate({
  mutations: MUTATIONS,
  wanted: process.argv.slice(2).map(Number),
  paths: ['tests/model/invariants.rs', 'tests/simulation'],
  command: ['cargo', 'run', '--quiet', '--manifest-path', 'tests/simulation/Cargo.toml', '--locked', '--', '--first', '--seconds', '180'],
});
