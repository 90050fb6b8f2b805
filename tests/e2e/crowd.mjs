// A crowd of browsers that sign in, use their sessions and sign out, and a book of what they were told.
//
// | state | what the browser was told | what must hold |
// |---|---|---|
// | live | it has received the session cookie | the session works |
// | ended | its sign-out was answered | the session stays dead |
// | unknown | its sign-out was not answered | either; what it turns out to be, it stays |

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { quickSignIn, sessionHeader } from './nodes.mjs';

const WORKERS = 3;
const MOST_LIVE = 12;
/** A store that was killed is back within this time. */
const BACK_MS = 20_000;

/** Numbers from 0 to 1 (exclusive), the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Crowd {
  counts = { 'signed in': 0, used: 0, 'signed out': 0, unanswered: 0 };
  #sessions = [];
  #ended = [];
  #onAct = () => {};

  /** `first`: a browser that is signed in at the provider; `node()`: the demo as it runs now. */
  constructor({ first, node, random }) {
    Object.assign(this, { first, node, random });
  }

  /**
   * Starts. `acted(n)` resolves when `n` steps have been taken, `stop()` lets nobody begin another
   * and waits for what is under way.
   */
  begin() {
    let isOver = false;
    let steps = 0;
    const worker = async () => {
      while (!isOver) {
        await this.#act();
        steps += 1;
        this.#onAct();
        // One that gets nothing but errors does not do so as fast as it can.
        await sleep(2);
      }
    };
    const workers = Promise.all(Array.from({ length: WORKERS }, worker));
    const stop = () => {
      isOver = true;
      return workers;
    };
    const acted = (number) => {
      const reached = new Promise((resolve) => {
        this.#onAct = () => { if (steps >= number) resolve(); };
      });
      return Promise.race([reached, workers]);
    };
    return { acted, stop };
  }

  async #act() {
    const chance = this.random();
    const live = this.#sessions.filter(({ state }) => state === 'live');
    const one = live[Math.floor(this.random() * live.length)];
    if (chance < 0.35 || !one) return this.#signIn();
    return chance < 0.65 ? this.#use(one) : this.#signOut(one);
  }

  async #signIn() {
    const client = this.first.sibling();
    try {
      await quickSignIn(client, this.node());
    } catch {
      // The cookie did not arrive: nobody has this session.
      this.counts.unanswered += 1;
      return;
    }
    const header = sessionHeader(client, this.node());
    assert.ok(header, 'a sign-in without a session cookie');
    this.#sessions.push({ client, header, state: 'live' });
    this.counts['signed in'] += 1;
  }

  async #use(session) {
    const code = await this.#status(session);
    if (code === 401) assert.notEqual(session.state, 'live', 'a live session is refused');
    else assert.ok([undefined, 200, 503].includes(code), `a use is answered ${code}`);
    if (code === 200) this.counts.used += 1;
  }

  async #signOut(session) {
    session.state = 'unknown';
    const headers = { cookie: session.header };
    const logout = `${this.node().baseUrl}/auth/logout`;
    const answer = await session.client.submit(logout, {}, { headers }).catch(() => undefined);
    const code = answer?.status;
    assert.ok([undefined, 303, 503].includes(code), `a sign-out is answered ${code}`);
    if (code !== 303) {
      this.counts.unanswered += 1;
      return;
    }
    session.state = 'ended';
    this.counts['signed out'] += 1;
  }

  /** The status of a use; `undefined` without an answer. */
  async #status({ client, header }) {
    const headers = { cookie: header };
    const answer = client.fetch(`${this.node().baseUrl}/api/me`, { headers });
    return (await answer.catch(() => undefined))?.status;
  }

  /** Compares what works with the book, now that everything runs. */
  async check() {
    const deadline = Date.now() + BACK_MS;
    for (const session of [...this.#sessions, ...this.#someEnded()]) {
      let code = await this.#status(session);
      while (code === 503 || code === undefined) {
        assert.ok(Date.now() < deadline, `no answer, or 503, for ${BACK_MS} ms`);
        await sleep(20);
        code = await this.#status(session);
      }
      if (session.state === 'unknown') session.state = { 200: 'live', 401: 'ended' }[code];
      const expected = { live: 200, ended: 401 }[session.state];
      assert.equal(code, expected, `a session that is ${session.state} is answered ${code}`);
    }
    const live = this.#sessions.filter(({ state }) => state === 'live');
    for (const session of live.slice(MOST_LIVE)) await this.#signOut(session);
    this.#ended.push(...this.#sessions.filter(({ state }) => state === 'ended'));
    this.#sessions = this.#sessions.filter(({ state }) => state !== 'ended');
  }

  /** Those that ended lately, and some of the others. */
  #someEnded() {
    const older = this.#ended.slice(0, -8).filter(() => this.random() < 8 / this.#ended.length);
    return [...this.#ended.slice(-8), ...older];
  }

  /** Every session that ever ended is dead. */
  async checkAllEnded() {
    for (const session of this.#ended) assert.equal(await this.#status(session), 401);
    return this.#ended.length;
  }
}
