// Many requests, one refresh.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn, world } from './flows.mjs';

test('50 requests at once with an expired access token cost one refresh', async (t) => {
  const { op, demo, client } = await world(t, { accessTokenTtl: 2 });
  const browser = client();
  await signIn(browser, demo);
  op.accessTokenTtl = 3600;
  await sleep(2100);
  const calls = Array.from({ length: 50 }, () => browser.fetch(`${demo.baseUrl}/api/userinfo`));
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  assert.deepEqual(statuses, Array(50).fill(200));
  assert.equal(op.refreshes, 1);
});

test('a client that hangs up does not lose the rotated refresh token', async (t) => {
  const { op, demo, client } = await world(t, { accessTokenTtl: 2 });
  const browser = client();
  await signIn(browser, demo);
  op.delayTokens = 400;
  await sleep(2100);
  const cookie = browser.jar.header(new URL(demo.baseUrl));
  const hangUp = { headers: { cookie }, signal: AbortSignal.timeout(150) };
  await assert.rejects(fetch(`${demo.baseUrl}/api/userinfo`, hangUp), { name: 'TimeoutError' });
  op.accessTokenTtl = 3600;
  await sleep(600);
  op.delayTokens = 0;
  await sleep(2100);
  assert.equal((await browser.fetch(`${demo.baseUrl}/api/userinfo`)).status, 200);
  assert.deepEqual(op.issued.map(({ status }) => status), op.issued.map(() => 200));
});
