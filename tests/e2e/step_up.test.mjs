// A page that asks for a recent sign-in (/admin: 60 s), at an independent provider (RFC 9470).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertSignInForm, beginSignIn, errorCode, finishSignIn, me, sessionCookie, world,
} from './flows.mjs';

/** A browser that is signed in here, by a sign-in at the provider `ago` seconds ago. */
async function signedIn({ demo, client }, ago) {
  const browser = client();
  const form = await beginSignIn(browser, demo);
  const callback = await finishSignIn(browser, demo, form, { login: 'alice', ago });
  assert.equal(callback.status, 303, callback.text);
  return { browser, cookie: sessionCookie(callback) };
}

/** What the last authorization request asked for. */
const asked = (op) => op.authorizationRequests.at(-1);

test('a recent sign-in gets in without another one', async (t) => {
  const w = await world(t);
  const { browser } = await signedIn(w, 30);
  const page = await browser.navigate(`${w.demo.baseUrl}/admin`);
  assert.equal(page.status, 200, page.text);
  assert.match(page.text, /It is really you, Name of alice/);
  assert.equal(w.op.authorizationRequests.length, 1);
});

test('an old sign-in is sent to sign in again, and back to where it was', async (t) => {
  const w = await world(t);
  const { op, demo } = w;
  const { browser, cookie } = await signedIn(w, 120);
  await me(browser, demo);
  const admin = `${demo.baseUrl}/admin?tab=2`;
  const sent = await browser.navigate(admin);
  assert.equal(sent.status, 303, sent.text);
  assert.ok(sent.location.startsWith(`${op.issuer}/auth?`), sent.location);
  const form = await browser.follow(sent.location, { from: admin });
  assertSignInForm(form);
  assert.equal(asked(op).get('max_age'), '60');
  const callback = await finishSignIn(browser, demo, form);
  assert.equal(callback.location, admin);
  const page = await browser.navigate(callback.location, { from: form.url });
  assert.equal(page.status, 200, page.text);
  const now = sessionCookie(callback);
  assert.notEqual(now.value, cookie.value, 'a new session');
  const old = { cookie: `${cookie.name}=${cookie.value}` };
  assert.equal((await w.client().fetch(`${demo.baseUrl}/api/me`, { headers: old })).status, 401);
});

test('a script is told, and its link leads to a sign-in that will do', async (t) => {
  const w = await world(t);
  const { op, demo } = w;
  const { browser } = await signedIn(w, 120);
  const refused = await browser.fetch(`${demo.baseUrl}/admin`);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers['www-authenticate'], 'Session error="insufficient_user_authentication", '
    + 'error_description="This asks for a more recent sign-in.", max_age="60"');
  const { error, max_age: maxAge, login_url: loginUrl } = refused.json();
  assert.deepEqual([error, maxAge], ['insufficient_user_authentication', 60]);
  const login = new URL(loginUrl);
  login.searchParams.set('return_to', '/profile');
  const form = await browser.follow(login.href);
  assertSignInForm(form);
  assert.equal(asked(op).get('max_age'), '60');
  const callback = await finishSignIn(browser, demo, form);
  assert.equal(callback.location, `${demo.baseUrl}/profile`);
  assert.equal((await browser.fetch(`${demo.baseUrl}/admin`)).status, 200);
});

test('a link that somebody made up asks for nothing', async (t) => {
  const w = await world(t);
  const { browser } = await signedIn(w, 120);
  const callback = await browser.follow(`${w.demo.baseUrl}/auth/login?requirement=x&max_age=0`, {
    stop: (url) => url.pathname === '/auth/callback',
  });
  assert.ok(callback.location, 'the provider asked although it had a session');
  assert.equal(asked(w.op).get('max_age'), null);
});

test('a provider that says it was long ago all the same is not believed', async (t) => {
  const w = await world(t);
  const { demo } = w;
  const { browser, cookie } = await signedIn(w, 120);
  const form = await browser.follow(`${demo.baseUrl}/admin`);
  assertSignInForm(form);
  const refused = await finishSignIn(browser, demo, form, { login: 'alice', ago: 120 });
  assert.equal(refused.status, 403, refused.text);
  assert.equal(errorCode(refused), 'id_token_auth_time_too_old');
  assert.equal(sessionCookie(refused), undefined);
  await me(browser, demo);
  const kept = browser.jar.for(new URL(demo.baseUrl)).find(({ name }) => name === cookie.name);
  assert.equal(kept.value, cookie.value, 'the session until now lives on');
  assert.equal((await browser.fetch(`${demo.baseUrl}/admin`)).status, 401);
});
