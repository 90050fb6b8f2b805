// A store that fails is not a user who is signed out: 503 until it is back, and everything is as before.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertRefused, beginSignIn, errorCode, eventually, finishSignIn, me, sessionCookie, signIn,
} from './flows.mjs';
import {
  cluster, overEachServer, quickSignIn, sendLogoutToken, sessionHeader, status,
} from './nodes.mjs';

const LIMIT = { timeout: 90_000 };
/** How long the store may take to answer. */
const BOUND_MS = 5000;
const MARGIN_MS = 2500;

function assertUnavailable(answer) {
  assert.equal(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers['retry-after']) > 0, 'no Retry-After');
  assert.deepEqual(answer.setCookies, []);
}

// Mostly waiting: both stores at a time.
describe('a store that fails', { concurrency: 2 }, () => {
  overEachServer('outage', (server) => {
    test('the demo starts without its store and works once it is there', LIMIT, async (t) => {
      const all = await cluster(t, { store: await server().place(), names: ['a'] });
      let [a] = all.nodes;
      const browser = all.client(a);
      await signIn(browser, a);
      const leaver = all.client(a);
      await signIn(leaver, a);
      await server().stop();
      a = await all.restart('a');

      const newcomer = all.client(a);
      const home = await newcomer.navigate(`${a.baseUrl}/`);
      assert.equal(home.status, 200);
      assert.doesNotMatch(home.text, /data-signed-in-as/);
      assert.equal((await newcomer.navigate(`${a.baseUrl}/profile`)).status, 303);
      for (const path of ['/', '/profile', '/sessions']) {
        const page = await browser.navigate(a.baseUrl + path);
        assertUnavailable(page);
        assert.equal(errorCode(page), 'store_unavailable');
      }
      assertUnavailable(await browser.fetch(`${a.baseUrl}/api/me`));
      const form = await beginSignIn(newcomer, a);
      const refused = await finishSignIn(newcomer, a, form);
      assert.equal(refused.status, 503);
      assert.equal(errorCode(refused), 'store_unavailable');
      assert.equal(sessionCookie(refused), undefined);

      // A logout takes the cookies, and says that the session may live on; the provider's next try does the work.
      const left = await leaver.submit(`${a.baseUrl}/auth/logout`);
      assert.equal(left.status, 503, left.text);
      assert.ok(left.setCookies.some(({ removes }) => removes), 'the cookies stay');
      await assertRefused(leaver, a, 'login_required');
      const token = all.op.logoutToken({ sid: all.op.issued[0].claims.sid });
      assert.equal((await sendLogoutToken(a, token)).status, 400);

      await server().start();
      await eventually(async () => await status(browser, a) === 200, 'it works again', 15_000);
      await quickSignIn(newcomer, a);
      assert.equal((await sendLogoutToken(a, token)).status, 200);
      assert.equal(await status(browser, a), 401);
      await me(newcomer, a);
    });

    test('gone for 10 s under load: nobody is signed out, nobody is signed in', LIMIT, async (t) => {
      const all = await cluster(t, { store: await server().place(), names: ['a'], accessTokenTtl: 3 });
      await all.start('b', { env: { SESSION_PUSH: 'on' } });
      const { op, nodes: [a, b], client } = all;
      const browsers = [client(a), client(b), client(b), client(a)];
      for (const browser of browsers) await signIn(browser, a);
      const leaver = client(a);
      await signIn(leaver, a);
      const dead = sessionHeader(leaver, a);
      await leaver.submit(`${a.baseUrl}/auth/logout`);
      const [doomed, quitter] = [client(a), client(b)];
      for (const browser of [doomed, quitter]) await signIn(browser, a);
      const { claims: { sid } } = await me(doomed, a);

      const answers = [];
      const load = new Load(browsers, { base: a.baseUrl, dead: [dead, client(b)] }, answers);
      const traffic = new Traffic({ client, nodes: [a, b] });
      const busy = traffic.run();
      await load.run(2000);
      await server().stop();
      const token = op.logoutToken({ sid });
      assert.equal((await sendLogoutToken(b, token)).status, 400);
      const leaves = traffic.leave(quitter, b);
      await load.run(10_000);
      await server().start();
      const backAt = Date.now();
      // The provider tries again.
      await eventually(async () => (await sendLogoutToken(b, token)).status === 200, 'it is accepted', 15_000);
      await eventually(async () => {
        const code = await status(doomed.via(a), a);
        assert.ok([401, 503].includes(code), `answered ${code}`);
        return code === 401;
      }, 'it is carried out', 15_000);
      await load.run(6000);
      await load.end();
      traffic.isOver = true;
      await Promise.all([busy, leaves]);

      const wrong = answers.filter(({ isWrong }) => isWrong);
      assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} of ${answers.length}`);
      const slowest = Math.max(...answers.map(({ took }) => took));
      assert.ok(slowest < BOUND_MS + MARGIN_MS, `an answer took ${slowest} ms`);
      const failed = answers.filter((answer) => answer.status === 503);
      assert.ok(failed.length > 100, `only ${failed.length} requests met the outage`);
      const lastFailure = Math.max(...failed.map(({ at }) => at)) - backAt;
      t.diagnostic(`${answers.length} answers, ${failed.length} of them 503, the last ${lastFailure} ms `
        + `after the store was back; the slowest took ${slowest} ms; ${traffic.told()}; `
        + `${op.refreshes} refreshes`);
      assert.ok(op.refreshes > 4, `only ${op.refreshes} refreshes`);
      for (const browser of [...browsers, ...traffic.live]) {
        for (const node of [a, b]) await me(browser.via(node), node);
      }
      for (const node of [a, b]) {
        for (const cookie of [dead, ...traffic.ended]) {
          await assertRefused(client(node), node, 'login_required', { cookie });
        }
      }
    });

    test('a store that hangs is waited for only so long', LIMIT, async (t) => {
      const { nodes: [a], client } = await cluster(t, { store: await server().place(), names: ['a'] });
      const browser = client(a);
      await signIn(browser, a);
      server().pause();
      try {
        const began = Date.now();
        let answered = 0;
        const asked = [browser.navigate(`${a.baseUrl}/`)];
        for (let call = 0; call < 12; call += 1) asked.push(browser.fetch(`${a.baseUrl}/api/me`));
        for (const answer of asked) answer.then(() => { answered += 1; });
        const home = await client(a).navigate(`${a.baseUrl}/`);
        assert.equal(home.status, 200);
        assert.equal(answered, 0, 'who has no session waits, too');
        for (const answer of await Promise.all(asked)) assertUnavailable(answer);
        const took = Date.now() - began;
        assert.ok(took < BOUND_MS + MARGIN_MS, `they waited ${took} ms`);
        t.diagnostic(`503 after ${took} ms`);
      } finally {
        server().resume();
      }
      await eventually(async () => await status(browser, a) === 200, 'it works again', 15_000);
    });
  });
});

/** Users who come, and leave at once or stay, one after the other. */
class Traffic {
  isOver = false;
  live = [];
  /** The cookies of those whose sign-out was answered. */
  ended = [];
  #refused = { 'sign-ins': 0, 'sign-outs': 0 };

  constructor({ client, nodes }) {
    Object.assign(this, { client, nodes });
  }

  async run() {
    for (let number = 0; !this.isOver; number += 1) {
      const node = this.nodes[number % 2];
      const browser = this.client(node);
      const form = await beginSignIn(browser, node);
      const callback = await finishSignIn(browser, node, form);
      if (callback.status === 503) {
        assert.equal(sessionCookie(callback), undefined);
        this.#refused['sign-ins'] += 1;
      } else {
        assert.equal(callback.status, 303, callback.text);
        if (number % 4 < 2) this.live.push(browser);
        else await this.leave(browser, node);
      }
      await sleep(100);
    }
    assert.ok(this.live.length > 2 && this.ended.length > 2, this.told());
    for (const [what, count] of Object.entries(this.#refused)) assert.ok(count > 0, `no ${what} were refused`);
  }

  /** Tries until it is answered, each time with the cookies that a refused logout takes. */
  async leave(browser, node) {
    const cookie = sessionHeader(browser, node);
    for (;;) {
      const { status: code, text } = await this.client(node)
        .submit(`${node.baseUrl}/auth/logout`, {}, { headers: { cookie } });
      if (code === 303) break;
      assert.equal(code, 503, text);
      this.#refused['sign-outs'] += 1;
      await sleep(200);
    }
    this.ended.push(cookie);
  }

  told() {
    const { 'sign-ins': ins, 'sign-outs': outs } = this.#refused;
    return `${this.live.length} stayed, ${this.ended.length} left, `
      + `${ins} sign-ins and ${outs} sign-outs were refused`;
  }
}

/** 20 requests a second, whatever becomes of those before. */
class Load {
  #sent = 0;
  #underWay = [];

  constructor(browsers, { base, dead }, answers) {
    Object.assign(this, { browsers, base, dead, answers });
  }

  async run(ms) {
    for (const until = Date.now() + ms; Date.now() < until;) {
      this.#underWay.push(this.#send(this.#sent));
      this.#sent += 1;
      await sleep(50);
    }
  }

  end() {
    return Promise.all(this.#underWay);
  }

  async #send(number) {
    const at = Date.now();
    const [cookie, stranger] = this.dead;
    const browser = this.browsers[number % this.browsers.length];
    const [what, request] = [
      ['home', () => browser.navigate(`${this.base}/`)],
      ['me', () => browser.fetch(`${this.base}/api/me`)],
      // With a token that has expired by now, mostly.
      ['call', () => browser.fetch(`${this.base}/api/userinfo`)],
      ['dead', () => stranger.fetch(`${this.base}/api/me`, { headers: { cookie } })],
    ][Math.floor(number / this.browsers.length) % 4];
    const answer = await request();
    const { status: code, text, setCookies, headers } = answer;
    const isServed = {
      home: code === 200 && text.includes('data-signed-in-as'), me: code === 200, call: code === 200,
      dead: code === 401,
    }[what];
    const isRefused = setCookies.length === 0 && Number(headers['retry-after']) > 0;
    const isRight = code === 503 ? isRefused : isServed;
    this.answers.push({ what, at, status: code, took: Date.now() - at, isWrong: !isRight });
  }
}
