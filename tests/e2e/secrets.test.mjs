// No secret and nobody's name in the log, at the most talkative level there is.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertRefused, beginSignIn, finishSignIn, signIn, world } from './flows.mjs';
import { fromSignIn } from './provider.mjs';

test('RUST_LOG=trace shows no secret of login, refresh, refusal and logout', async (t) => {
  const cookieKey = randomBytes(64).toString('base64');
  const env = { RUST_LOG: 'trace', COOKIE_KEY: cookieKey };
  const { op, demo, client } = await world(t, {
    env, accessTokenTtl: 2, sessionExpiry: fromSignIn(3600),
  });
  const [browser, refused] = [client(), client()];
  await signIn(browser, demo);
  await sleep(2100);
  assert.equal((await browser.fetch(`${demo.baseUrl}/api/userinfo`)).status, 200);
  assert.equal((await browser.navigate(`${demo.baseUrl}/profile`)).status, 200);
  await browser.submit(`${demo.baseUrl}/auth/logout`);
  await assertRefused(browser, demo, 'login_required');
  op.sessionExpiry = () => 'never';
  await finishSignIn(refused, demo, await beginSignIn(refused, demo), { login: 'bob' });
  assert.ok(op.refreshes > 0);
  await demo.stop();

  const { secrets } = op;
  secrets.add('cookie key', cookieKey);
  for (const value of [...browser.cookieValues, ...refused.cookieValues]) {
    if (value.length >= 16) secrets.add('cookie', value);
  }
  for (const kind of [
    'access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'state', 'nonce', 'sub',
    'email', 'client secret', 'client authentication', 'cookie key', 'cookie',
  ]) assert.ok(secrets.kinds.has(kind), `no ${kind} was collected`);
  assert.ok(demo.log.length > 2000, 'the log is too short to prove anything');
  assert.deepEqual(secrets.findIn(demo.log), []);
});
