// Signing out: here at once, then at the provider.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertSignInForm, eventually, me, assertRefused, sessionCookie, signIn, world,
} from './flows.mjs';

test('signing out ends the session here and goes on to the provider', async (t) => {
  const { op, demo, client } = await world(t);
  const browser = client();
  const { name, value } = sessionCookie(await signIn(browser, demo));
  const answer = await browser.submit(`${demo.baseUrl}/auth/logout`);
  assert.equal(answer.status, 303);
  const target = new URL(answer.location);
  assert.equal(target.origin + target.pathname, `${op.issuer}/session/end`);
  assert.equal(target.searchParams.get('id_token_hint'), op.issued[0].id_token);
  assert.equal(target.searchParams.get('post_logout_redirect_uri'), `${demo.baseUrl}/`);
  const state = target.searchParams.get('state');
  assert.ok(state);
  await assertRefused(browser, demo, 'login_required');
  const replayed = { cookie: `${name}=${value}` };
  const stolen = await client().fetch(`${demo.baseUrl}/api/me`, { headers: replayed });
  assert.equal(stolen.status, 401, 'the old cookie still opens the session');

  const question = await browser.navigate(answer.location, { from: demo.baseUrl });
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(question.text)[1];
  const back = await browser.submit(`${op.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
  assert.equal(back.location, `${demo.baseUrl}/?state=${state}`);
  assert.equal((await browser.follow(back.location)).status, 200);
  assertSignInForm(await browser.follow(`${demo.baseUrl}/profile`));
});

test('signing out revokes the refresh token', async (t) => {
  const { op, demo, client } = await world(t);
  const browser = client();
  await signIn(browser, demo);
  await browser.submit(`${demo.baseUrl}/auth/logout`);
  await eventually(() => op.revoked.includes(op.issued[0].refresh_token), 'revoked');
});

test('signing out by fetch answers where to go', async (t) => {
  const { op, demo, client } = await world(t);
  const browser = client();
  await signIn(browser, demo);
  const answer = await browser.fetch(`${demo.baseUrl}/auth/logout`, { method: 'POST' });
  assert.equal(answer.status, 200);
  assert.ok(answer.json().logout_url.startsWith(`${op.issuer}/session/end?`));
  await assertRefused(browser, demo, 'login_required');
});

test('GET /auth/logout only asks, and another site signs nobody out', async (t) => {
  const { demo, client } = await world(t);
  const browser = client();
  await signIn(browser, demo);
  assert.equal((await browser.navigate(`${demo.baseUrl}/auth/logout`)).status, 200);
  const other = { from: 'https://elsewhere.example' };
  const forged = await browser.submit(`${demo.baseUrl}/auth/logout`, {}, other);
  assert.equal(forged.status, 403);
  await me(browser, demo);
});

test('signing out without a session is no error', async (t) => {
  const { demo, client } = await world(t);
  const answer = await client().submit(`${demo.baseUrl}/auth/logout`);
  assert.ok([200, 303].includes(answer.status), `${answer.status} ${answer.text}`);
});
