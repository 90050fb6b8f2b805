// A crowd of browsers that sign in, use their sessions, call an API with their access tokens and are
// signed out, on several nodes, and a book of what they were told.
//
// | state | what the browser, or the provider, was told | what must hold |
// |---|---|---|
// | live | it has received the session cookie | the session works |
// | ended | its sign-out, or the logout token, was answered | the session stays dead |
// | ending | it was not answered | either; once it has been repeated and answered, the session is dead |

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from './flows.mjs';
import { sendLogoutToken, sessionHeader } from './nodes.mjs';
import { Client } from './http.mjs';

const WORKERS = 3;
const MOST_LIVE = 12;
/** A store that was killed is back within this time. */
const BACK_MS = 20_000;
/** A refresh token whose answer was lost with its node is sent once more; the provider may refuse it. */
const REFRESH_LOST = ['refresh_rejected', 'refresh_answer_lost'];

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
  counts = {
    'signed in': 0, used: 0, 'called an API': 0, 'lost their refresh token': 0, 'signed out': 0,
    'ended by a logout token': 0, unanswered: 0,
  };
  #sessions = [];
  #ended = [];
  #onAct = () => {};

  /** `nodes()`: the demos as they run now. */
  constructor({ op, nodes, random }) {
    Object.assign(this, { op, nodes, random });
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
    if (chance < 0.27 || !one) return this.#signIn();
    if (chance < 0.42) return this.#use(one);
    if (chance < 0.72) return this.#callApi(one);
    return this.#end(one, chance < 0.86 ? this.#signOut : this.#sendToken);
  }

  #node() {
    const nodes = this.nodes();
    return nodes[Math.floor(this.random() * nodes.length)];
  }

  async #signIn() {
    const node = this.#node();
    const client = new Client().via(node);
    try {
      await signIn(client, node);
    } catch {
      // The cookie did not arrive: nobody has this session.
      this.counts.unanswered += 1;
      return;
    }
    const header = sessionHeader(client, node);
    assert.ok(header, 'a sign-in without a session cookie');
    this.#sessions.push({ header, state: 'live' });
    this.counts['signed in'] += 1;
  }

  async #use(session) {
    const answer = await this.#ask(session, '/api/me');
    const code = answer?.status;
    if (code === 401) assert.notEqual(session.state, 'live', 'a live session is refused');
    else assert.ok([undefined, 200, 503].includes(code), `a use is answered ${code}`);
    if (code === 200) {
      session.sid = answer.json().claims.sid;
      this.counts.used += 1;
    }
  }

  /** With an access token that has mostly expired. */
  async #callApi(session) {
    const answer = await this.#ask(session, '/api/userinfo');
    const code = answer?.status;
    if (code === 401 && session.state === 'live') {
      const { error } = answer.json();
      assert.ok(REFRESH_LOST.includes(error), `a live session is refused: ${error}`);
      this.counts['lost their refresh token'] += 1;
    } else {
      // 502: the token, which lives for a second, has expired on its way to the provider.
      const isLate = code === 502 && answer.json().error === 'invalid_userinfo_response';
      assert.ok(isLate || [undefined, 200, 401, 503].includes(code), `a call is answered ${code}: ${answer?.text}`);
    }
    if (code === 200) this.counts['called an API'] += 1;
  }

  /** Ends a session by `how`, which tells whether that was answered. */
  async #end(session, how) {
    session.state = 'ending';
    session.how ??= how;
    if (await session.how(session)) session.state = 'ended';
    else this.counts.unanswered += 1;
  }

  #signOut = async (session) => {
    const node = this.#node();
    const client = new Client().via(node);
    const headers = { cookie: session.header };
    const answer = await client.submit(`${node.baseUrl}/auth/logout`, {}, { headers }).catch(() => undefined);
    const code = answer?.status;
    assert.ok([undefined, 303, 503].includes(code), `a sign-out is answered ${code}`);
    if (code === 303) this.counts['signed out'] += 1;
    return code === 303;
  };

  #sendToken = async (session) => {
    // Who has not asked yet does not know the provider's session.
    session.sid ??= (await this.#ask(session, '/api/me'))?.json().claims?.sid;
    if (session.sid === undefined) {
      session.how = this.#signOut;
      return false;
    }
    session.token ??= this.op.logoutToken({ sid: session.sid });
    const answer = await sendLogoutToken(this.#node(), session.token).catch(() => undefined);
    const code = answer?.status;
    assert.ok([undefined, 200, 400].includes(code), `a logout token is answered ${code}`);
    // All of its work had been done before its answer was lost.
    const isDone = code === 200 || (code === 400 && /received before/.test(answer.text));
    if (isDone) this.counts['ended by a logout token'] += 1;
    return isDone;
  };

  /** The answer to a request of the session, from any node; `undefined` without one. */
  async #ask({ header }, path, node = this.#node()) {
    const client = new Client().via(node);
    const answer = client.fetch(node.baseUrl + path, { headers: { cookie: header } });
    return answer.catch(() => undefined);
  }

  /** Compares what works with the book, on every node, now that everything runs. */
  async check() {
    const deadline = Date.now() + BACK_MS;
    const again = async () => {
      assert.ok(Date.now() < deadline, `no answer, or 503, for ${BACK_MS} ms`);
      await sleep(20);
    };
    for (const session of this.#sessions.filter(({ state }) => state === 'ending')) {
      while (session.state === 'ending') {
        await this.#end(session);
        if (session.state === 'ending') await again();
      }
    }
    for (const session of [...this.#sessions, ...this.#someEnded()]) {
      for (const node of this.nodes()) {
        let answer = await this.#ask(session, '/api/me', node);
        while (answer === undefined || answer.status === 503) {
          await again();
          answer = await this.#ask(session, '/api/me', node);
        }
        const expected = { live: 200, ended: 401 }[session.state];
        assert.equal(answer.status, expected, `a session that is ${session.state} is answered ${answer.status}`);
      }
    }
    const live = this.#sessions.filter(({ state }) => state === 'live');
    for (const session of live.slice(MOST_LIVE)) await this.#end(session, this.#signOut);
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
    for (const session of this.#ended) {
      for (const node of this.nodes()) {
        assert.equal((await this.#ask(session, '/api/me', node)).status, 401);
      }
    }
    return this.#ended.length;
  }
}
