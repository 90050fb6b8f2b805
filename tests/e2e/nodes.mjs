// Several demos that share a store, a provider and a base URL, for one test.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe } from 'node:test';
import { startDemo } from './demo.mjs';
import { Client } from './http.mjs';
import { Postgres } from './postgres.mjs';
import { freePort } from './ports.mjs';
import { startProvider } from './provider.mjs';
import { Redis } from './redis.mjs';

/** A suite for each store that is a server; `body` gets a function that gives the running server. */
export function overEachServer(what, body) {
  for (const Kind of [Redis, Postgres]) {
    describe(`${what}, ${Kind.name}`, { concurrency: 1 }, () => {
      let server;
      before(async () => {
        server = await Kind.prepare();
        await server.start();
      });
      after(() => server?.remove());
      body(() => server);
    });
  }
}

/** A key as COOKIE_KEY wants it. */
export const cookieKey = () => randomBytes(64).toString('base64');

/**
 * Starts a provider and as many demos as `names` has, over the store at `store`; `t` ends all of them.
 *
 * The base URL is the first demo's own. `env`: more environment for the demos. Everything else is for
 * `startProvider`. Gives `{op, nodes, client}`: `client(node)` is a new browser behind that node.
 */
export async function cluster(t, { store, names = ['a', 'b'], env = {}, ...settings }) {
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const op = await startProvider({ baseUrl, ...settings });
  t.after(() => op.stop());
  const shared = { SESSION_STORE: store, COOKIE_KEY: cookieKey(), ...env };
  const all = new Nodes({ op, baseUrl, shared, name: t.name });
  t.after(() => all.stop());
  for (const [index, name] of names.entries()) {
    await all.start(name, { port: index === 0 ? port : undefined });
  }
  return all;
}

class Nodes {
  #running = new Map();
  #settings;

  constructor(settings) {
    this.op = settings.op;
    this.#settings = settings;
  }

  get nodes() {
    return [...this.#running.values()];
  }

  /** Starts the demo `name`; again on its old port if it has run before. */
  async start(name, { port = this.#running.get(name)?.port, env = {} } = {}) {
    port ??= await freePort();
    const { op, baseUrl, shared, name: test } = this.#settings;
    const node = await startDemo({
      provider: op, port, baseUrl, name: `${test} ${name}`, env: { ...shared, ...env },
    });
    node.port = port;
    this.#running.set(name, node);
    return node;
  }

  /** Ends the demo `name` and starts it again, with more environment. */
  async restart(name, env) {
    await this.#running.get(name).stop();
    return this.start(name, { env });
  }

  /** Ends the demo `name` as a crash does. */
  async kill(name) {
    const node = this.#running.get(name);
    node.signal('SIGKILL');
    await node.ended;
  }

  async stop() {
    const ends = await Promise.allSettled(this.nodes.map((node) => node.stop()));
    for (const { reason } of ends) if (reason) throw reason;
  }

  /** A new browser whose requests go to `node`. */
  client = (node = this.nodes[0], options = {}) => new Client(options).via(node);
}

/** Signs in a browser that is signed in at the provider already: three requests. */
export async function quickSignIn(client, node) {
  const callback = await client.follow(`${node.baseUrl}/auth/login?return_to=/profile`, {
    stop: (url) => url.pathname === '/profile',
  });
  assert.equal(callback.location, `${node.baseUrl}/profile`, callback.text);
}

/** The header that a stolen copy of the browser's session cookie makes; `undefined` without one. */
export function sessionHeader(client, node) {
  const cookies = client.jar.for(new URL(node.baseUrl));
  const session = cookies.find(({ name, value }) => value.length === 43 && !name.startsWith('_'));
  return session && `${session.name}=${session.value}`;
}

/** The status of `/api/me` for a browser. */
export async function status(client, node) {
  return (await client.fetch(`${node.baseUrl}/api/me`)).status;
}

/** Posts a logout token to `node`. */
export function sendLogoutToken(node, token) {
  return new Client().request(`${node.url}/auth/backchannel-logout`, {
    method: 'POST', body: new URLSearchParams({ logout_token: token }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}
