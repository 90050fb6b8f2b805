// The demo as a process: environment in, log lines out, ended by SIGTERM.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
export const BINARY = process.env.DEMO_BIN ?? path.join(TARGET, 'debug/examples/demo');
/** The demo as the README's command builds it: without the stores that are servers. */
export const PLAIN_BINARY = process.env.DEMO_PLAIN_BIN ?? `${BINARY}-plain`;
const START_MS = 20_000;

/** Within this time of a SIGTERM the demo must have ended. */
export const STOP_MS = 10_000;

/** Screenshots and logs, kept for whoever looks into a failure. */
export const ARTIFACTS = path.join(ROOT, 'tests/artifacts');

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts the demo with `env` and nothing else of this process's environment; does not wait. */
export function spawnDemo(env, binary = BINARY) {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(binary, [], {
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), RUST_BACKTRACE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Demo(child);
}

/** A demo that answers. `baseUrl` is where browsers find it, `url` where it listens itself. */
export async function startDemo({ provider, port, baseUrl, name = 'demo', env = {} }) {
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const client = provider && {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_SCOPES: 'openid profile email offline_access',
  };
  const demo = spawnDemo({
    LISTEN_ADDR: `127.0.0.1:${port}`, BASE_URL: baseUrl ?? url, ...client, ...env,
  });
  Object.assign(demo, { name, url, baseUrl: baseUrl ?? url });
  try {
    await demo.answers();
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo;
}

class Demo {
  stdout = '';
  stderr = '';
  #child;

  constructor(child) {
    this.#child = child;
    running.add(child);
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (chunk) => { this[name] += chunk; });
    }
    // `close`, not `exit`: every line of output has been read by then.
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ error }));
      child.once('close', (code, signal) => resolve({ code, signal }));
    }).finally(() => running.delete(child));
  }

  /** Everything it has written so far. */
  get log() {
    return this.stdout + this.stderr;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Waits until the demo answers `/`. */
  async answers() {
    const deadline = Date.now() + START_MS;
    let ended;
    this.ended.then((result) => { ended = result; });
    while (!ended && Date.now() < deadline) {
      const response = await fetch(`${this.url}/`).catch(() => undefined);
      if (response?.ok) return;
      await sleep(50);
    }
    const why = ended ? `ended: ${JSON.stringify(ended)} ${ended.error ?? ''}` : 'no answer in time';
    throw new Error(`${BINARY}: ${why}\n${this.log}`);
  }

  /** Sends SIGTERM and answers how the process ended; fails when it takes longer than it may. */
  async stop() {
    this.signal('SIGTERM');
    const timer = new AbortController();
    const late = sleep(STOP_MS, 'late', { signal: timer.signal }).catch(() => undefined);
    const result = await Promise.race([this.ended, late]);
    timer.abort();
    if (result === 'late') this.signal('SIGKILL');
    this.#keepLog();
    assert.notEqual(result, 'late', `the demo ran on ${STOP_MS} ms after SIGTERM`);
    return result;
  }

  #keepLog() {
    if (!this.name) return;
    mkdirSync(ARTIFACTS, { recursive: true });
    const file = `demo-${this.name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}.log`;
    writeFileSync(path.join(ARTIFACTS, file), this.log);
  }
}
