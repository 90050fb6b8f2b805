// Two nodes, one refresh token: it is sent once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from './flows.mjs';
import { cluster, overEachServer } from './nodes.mjs';

overEachServer('an expired access token', (server) => {
  for (const push of ['off', 'on']) {
    const what = `40 requests to two nodes cost one refresh, SESSION_PUSH=${push}`;
    test(what, { timeout: 60_000 }, async (t) => {
      const { op, nodes: [a, b], client } = await cluster(t, {
        store: await server().place(), accessTokenTtl: 2, env: { SESSION_PUSH: push },
      });
      const browser = client(a);
      await signIn(browser, a);
      const elsewhere = client(b);
      elsewhere.jar = browser.jar;
      await sleep(2100);
      op.accessTokenTtl = 3600;
      // Slow enough for all of them to find the old token.
      op.delayTokens = 300;
      const calls = Array.from({ length: 40 }, (_, index) => {
        const by = index % 2 === 0 ? browser : elsewhere;
        return by.fetch(`${a.baseUrl}/api/userinfo`);
      });
      const statuses = (await Promise.all(calls)).map(({ status }) => status);
      assert.deepEqual(statuses, Array(40).fill(200));
      assert.equal(op.refreshes, 1);
      assert.deepEqual(op.issued.map(({ status }) => status), op.issued.map(() => 200));
    });
  }
});
