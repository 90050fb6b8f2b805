// The application lives while its provider does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, eventually, me, signIn, world } from './flows.mjs';

test('the demo starts without its provider and finds it later', async (t) => {
  const { op, demo, client } = await world(t, { listening: false });
  const browser = client();
  assert.equal((await browser.navigate(`${demo.baseUrl}/`)).status, 200);
  const login = await browser.navigate(`${demo.baseUrl}/auth/login?return_to=/profile`);
  assert.equal(login.status, 503, login.text);
  assert.ok(Number(login.headers['retry-after']) > 0, 'no Retry-After');
  errorCode(login);
  await op.up();
  await eventually(async () => {
    const answer = await browser.navigate(`${demo.baseUrl}/auth/login?return_to=/profile`);
    return answer.status === 303;
  }, 'the login works again', 15_000);
  await signIn(browser, demo);
});

test('live sessions are served while the provider is down', async (t) => {
  const { op, demo, client } = await world(t, { accessTokenTtl: 2 });
  const browser = client();
  await signIn(browser, demo);
  await op.down();
  await me(browser, demo);
  assert.equal((await browser.navigate(`${demo.baseUrl}/profile`)).status, 200);
  await sleep(2100);
  const userinfo = await browser.fetch(`${demo.baseUrl}/api/userinfo`);
  assert.ok(userinfo.status >= 500, `${userinfo.status}`);
  await me(browser, demo);
  op.accessTokenTtl = 3600;
  await op.up();
  await eventually(async () => {
    const answer = await browser.fetch(`${demo.baseUrl}/api/userinfo`);
    return answer.status === 200;
  }, 'the access token is refreshed again', 15_000);
  assert.equal(op.refreshes, 1);
});

test('a sign-out while the provider is down ends the session here', async (t) => {
  const { op, demo, client } = await world(t);
  const browser = client();
  await signIn(browser, demo);
  await op.down();
  const answer = await browser.submit(`${demo.baseUrl}/auth/logout`);
  assert.ok([200, 303].includes(answer.status), `${answer.status} ${answer.text}`);
  assert.equal((await browser.fetch(`${demo.baseUrl}/api/me`)).status, 401);
});
