// What an authenticated request costs the store: one round trip, and none with SESSION_PUSH=on.
//
// - Round trips are counted on the wire, by a proxy before the server: a pool that pings its
//   connections would not show in the server's own figures.
// - The server says what it executed, by command or statement.
// - Heartbeats have a connection of their own, the one that listens for events. A touch is due a
//   minute after the sign-in at the earliest: the requests are over by then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCountingProxy } from './counting_proxy.mjs';
import { eventually, me, signIn } from './flows.mjs';
import { cluster, overEachServer } from './nodes.mjs';

const REQUESTS = 50;

overEachServer('store round trips of a request', (server) => {
  for (const [push, expected] of [['off', REQUESTS], ['on', 0]]) {
    test(`are ${expected} for ${REQUESTS} with SESSION_PUSH=${push}`, { timeout: 60_000 }, async (t) => {
      const store = await server().place();
      const executed = await meter(server());
      const proxy = await startCountingProxy({ url: store, t });
      const { nodes: [a], client } = await cluster(t, {
        store: proxy.url, names: ['a'], env: { SESSION_PUSH: push },
      });
      const browser = client(a);
      const signedInAt = Date.now();
      await signIn(browser, a);
      // The services begin with the first session: the one that listens has its connection then.
      await eventually(() => proxy.heartbeats > 1, 'events are listened for');
      for (let use = 0; use < 20; use += 1) await me(browser, a);

      const [before, executedBefore] = [proxy.roundTrips, await executed()];
      for (let request = 0; request < REQUESTS; request += 1) await me(browser, a);
      const after = proxy.roundTrips;
      const executedAfter = await executed();
      assert.ok(Date.now() < signedInAt + 50_000, 'so slow that a touch was due');
      assert.equal(after - before, expected);
      assert.equal(executedAfter - executedBefore, expected);
      t.diagnostic(`${after - before} round trips, ${proxy.heartbeats} on the listener's connection`);
    });
  }
});

/** Counts what the server executes for requests: everything but what keeps connections alive. */
async function meter(server) {
  if (server.name === 'redis') {
    // INFO is the meter's own question, PING and SET are the listener's.
    return async () => [...await server.executed()]
      .filter(([name]) => !['info', 'ping', 'set'].includes(name))
      .reduce((sum, [, calls]) => sum + calls, 0);
  }
  await server.logStatements();
  let asked = 0;
  return async () => {
    asked += 1;
    // Everything before this statement is in the log once it is.
    const own = `SELECT 'meter', ${asked}`;
    await server.query(own);
    await eventually(() => server.statements.includes(own), 'the statement is in the log');
    return server.statements.filter((sql) => sql.includes('oidc_session_data')).length;
  };
}
