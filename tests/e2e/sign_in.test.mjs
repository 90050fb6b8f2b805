// Signing in and out at an independent provider, as an HTTP client sees it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertRefused, beginSignIn, errorCode, eventually, finishSignIn, me, sessionCookie, signIn, until, world,
} from './flows.mjs';
import { fromSignIn } from './provider.mjs';

test('without a session the public page is open and the protected ones are not', async (t) => {
  const { demo, client } = await world(t);
  const browser = client();
  assert.equal((await browser.navigate(`${demo.baseUrl}/`)).status, 200);
  const page = await browser.navigate(`${demo.baseUrl}/profile?tab=2`);
  assert.equal(page.status, 303);
  const login = new URL(page.location);
  assert.equal(login.origin + login.pathname, `${demo.baseUrl}/auth/login`);
  assert.equal(login.searchParams.get('return_to'), '/profile?tab=2');
  const { response, login_url: loginUrl } = await assertRefused(browser, demo, 'login_required');
  assert.ok(response.headers['www-authenticate'], 'no challenge');
  assert.equal(new URL(loginUrl, demo.baseUrl).pathname, '/auth/login');
  const status = await browser.fetch(`${demo.baseUrl}/auth/session`);
  assert.equal(status.status, 200);
  assert.equal(status.json().authenticated, false);
});

test('a sign-in brings the claims and the ceiling of the ID Token', async (t) => {
  const { op, demo, client } = await world(t, { sessionExpiry: fromSignIn(3600) });
  const browser = client();
  const cookie = sessionCookie(await signIn(browser, demo, { returnTo: '/profile?tab=2' }));
  const [{ claims: asserted }] = op.issued;
  const { claims, session_expires_at: deadline, ceiling } = await me(browser, demo);
  assert.equal(claims.sub, asserted.sub);
  assert.equal(claims.session_expiry, asserted.session_expiry);
  assert.equal(claims.email, 'alice@users.example.test', 'from the UserInfo endpoint');
  assert.equal(deadline, asserted.session_expiry - 30);
  assert.equal(ceiling, asserted.session_expiry);
  const { httponly, samesite, path, 'max-age': maxAge } = cookie.attributes;
  assert.deepEqual([httponly, samesite, path], [true, 'Lax', '/']);
  assert.ok(Number(maxAge) > 3500 && Number(maxAge) <= 3570, `Max-Age=${maxAge}`);
  const status = (await browser.fetch(`${demo.baseUrl}/auth/session`)).json();
  assert.deepEqual([status.authenticated, status.expires_at], [true, deadline]);
  const [parameters] = op.authorizationRequests;
  assert.equal(parameters.get('code_challenge_method'), 'S256');
  assert.ok(parameters.get('state') && parameters.get('nonce'));
});

test('a sign-in without session_expiry is held by the local limits alone', async (t) => {
  const { demo, client } = await world(t);
  const browser = client();
  await signIn(browser, demo);
  const { session_expires_at: deadline, ceiling } = await me(browser, demo);
  assert.equal(ceiling, null);
  const idle = deadline - Date.now() / 1000;
  assert.ok(idle > 86_400 - 90 && idle <= 86_400, `ends in ${idle} s`);
});

test('each sign-in has a session id of its own and ends the one before', async (t) => {
  const { demo, client } = await world(t);
  const browser = client();
  const first = sessionCookie(await signIn(browser, demo));
  const again = await browser.follow(`${demo.baseUrl}/auth/login?return_to=/api/me`);
  assert.equal(again.status, 200);
  const now = browser.jar.for(new URL(demo.baseUrl)).find(({ name }) => name === first.name);
  assert.notEqual(now.value, first.value);
  const old = { cookie: `${first.name}=${first.value}` };
  assert.equal((await client().fetch(`${demo.baseUrl}/api/me`, { headers: old })).status, 401);
});

test('an expired access token is refreshed once, the refresh token rotates', async (t) => {
  const { op, demo, client } = await world(t, { accessTokenTtl: 2 });
  const browser = client();
  await signIn(browser, demo);
  op.accessTokenTtl = 3600;
  await sleep(2100);
  for (let call = 0; call < 2; call += 1) {
    const userinfo = await browser.fetch(`${demo.baseUrl}/api/userinfo`);
    assert.equal(userinfo.status, 200, userinfo.text);
    assert.equal(userinfo.json().email, 'alice@users.example.test');
  }
  assert.equal(op.refreshes, 1);
  const [login, refresh] = op.issued;
  assert.equal(refresh.status, 200);
  assert.notEqual(refresh.refresh_token, login.refresh_token);
});

test('a code that goes with what another tab\'s end has revoked is asked for once more', async (t) => {
  const { op, demo, client } = await world(t, { env: { SESSION_ABSOLUTE_SECONDS: '6' } });
  const browser = client();
  await signIn(browser, demo);
  const { session_expires_at: end } = await me(browser, demo);
  const cookie = browser.jar.header(new URL(demo.baseUrl));
  const { location } = await browser.follow(`${demo.baseUrl}/auth/login?return_to=/profile`, {
    stop: (url) => url.pathname === '/auth/callback',
  });
  await until(end);
  // The other tab's request has been on its way. To this provider a refresh token stands for all that was granted with it.
  const ended = await client().fetch(`${demo.baseUrl}/api/me`, { headers: { cookie } });
  assert.equal(ended.json().error, 'session_expired');
  await eventually(() => op.revoked.includes(op.issued[0].refresh_token), 'revoked');
  const again = await browser.navigate(location);
  assert.equal(op.issued.at(-1).error, 'invalid_grant');
  assert.equal(new URL(again.location).origin, op.issuer, again.text);
  const profile = await browser.follow(again.location);
  assert.equal(profile.url, `${demo.baseUrl}/profile`);
  assert.equal((await me(browser, demo)).claims.sub, op.issued[0].claims.sub);
});

test('a sign-in cancelled at the provider is an error page and no session', async (t) => {
  const { demo, client } = await world(t);
  const browser = client();
  const form = await beginSignIn(browser, demo);
  const refused = await finishSignIn(browser, demo, form, { cancel: '1' });
  assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status}`);
  assert.equal(errorCode(refused), 'access_denied');
  assert.ok(!refused.text.includes('<b>it</b>'), 'the provider writes into our page');
  assert.equal(sessionCookie(refused), undefined);
  await assertRefused(browser, demo, 'login_required');
  await signIn(browser, demo);
});

test('a callback of someone else\'s login attempt is refused', async (t) => {
  const { demo, client } = await world(t);
  const [victim, attacker] = [client(), client()];
  const form = await beginSignIn(attacker, demo);
  const submitted = await attacker.submit(form.url, { login: 'mallory' });
  const { location } = await attacker.follow(submitted.location, {
    stop: (url) => url.href.startsWith(`${demo.baseUrl}/auth/callback`),
  });
  const refused = await victim.navigate(location, { from: form.url });
  assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status}`);
  errorCode(refused);
  assert.equal(sessionCookie(refused), undefined);
  await assertRefused(victim, demo, 'login_required');
});
