// One of two nodes, or their store, is killed at random moments and started again: a sign-in that was
// confirmed works, a sign-out or a logout token that was answered stays.
//
// E2E_SEED repeats the choices of a run (what is done, who is killed when), though not its timing.
// E2E_LONG=1 runs ten times as many rounds.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd, seeded } from './crowd.mjs';
import { cluster } from './nodes.mjs';
import { Postgres } from './postgres.mjs';
import { Redis } from './redis.mjs';

const FACTOR = process.env.E2E_LONG ? 10 : 1;
const LIMIT = { timeout: 400_000 * FACTOR };
/** Needs a kill between a refresh and its answer. */
const RARE = 'lost their refresh token';
const SEED = Number(process.env.E2E_SEED ?? Date.now() % 1_000_000);

describe('killed at random moments', { concurrency: 3 }, () => {
  test('a node, over SQLite', LIMIT, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'e2e-sqlite-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const store = `sqlite:${path.join(folder, 'sessions.db')}`;
    await rounds(t, { store, number: 40, serverKills: 0 });
  });

  for (const [Kind, number, serverKills] of [[Redis, 40, 0.5], [Postgres, 30, 0.3]]) {
    test(`a node or the server, over ${Kind.name}`, LIMIT, async (t) => {
      const server = await Kind.prepare();
      t.after(() => server.remove());
      await server.start();
      await rounds(t, { store: await server.place(), server, number, serverKills });
    });
  }
});

async function rounds(t, { store, server, number, serverKills }) {
  const began = Date.now();
  const random = seeded(SEED);
  // Tokens that have expired by the next call.
  const all = await cluster(t, { store, accessTokenTtl: 1 });
  const crowd = new Crowd({ op: all.op, nodes: () => all.nodes, random });
  const killed = { node: 0, server: 0 };
  const ended = ({ counts }) => counts['signed out'] + counts['ended by a logout token'];
  const isEnough = () => killed.node > 0 && (killed.server > 0 || serverKills === 0)
    && Object.entries(crowd.counts).every(([what, count]) => count > 0 || what === RARE)
    && ended(crowd) >= number && all.op.refreshes > number / 8;
  let round = 0;
  try {
    // How much is done in a round depends on the machine: there are up to three times as many, until it is enough.
    for (; round < number * FACTOR || (round < 3 * number * FACTOR && !isEnough()); round += 1) {
      const { acted, stop } = crowd.begin();
      await acted(1 + Math.floor(random() * 8));
      await sleep(random() * 30);
      const isServer = random() < serverKills;
      const name = random() < 0.5 ? 'a' : 'b';
      await (isServer ? server.kill() : all.kill(name));
      await stop();
      await (isServer ? server.start() : all.start(name));
      killed[isServer ? 'server' : 'node'] += 1;
      await crowd.check();
    }
    assert.ok(await crowd.checkAllEnded() >= number, 'hardly anybody signed out');
    assert.ok(killed.node > 0, 'no node was killed');
    assert.ok(killed.server > 0 || serverKills === 0, 'the server was never killed');
    for (const [what, count] of Object.entries(crowd.counts)) {
      assert.ok(count > 0 || what === RARE, `nobody was ${what}`);
    }
    assert.ok(all.op.refreshes > number / 8, `only ${all.op.refreshes} refreshes`);
  } finally {
    const { counts } = crowd;
    const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(', ');
    t.diagnostic(`E2E_SEED=${SEED}: ${round} rounds in ${Math.round((Date.now() - began) / 1000)} s, `
      + `a node was killed in ${killed.node} of them, the server in ${killed.server}; `
      + `${told}; ${all.op.refreshes} refreshes`);
  }
}
