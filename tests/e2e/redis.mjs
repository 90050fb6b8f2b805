// A Redis server of the tests' own: every write is on disk before it is answered.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './ports.mjs';
import { Server, run } from './servers.mjs';

/** Another version of Redis, or Valkey, may be named. */
const PROGRAM = process.env.REDIS_SERVER ?? 'redis-server';

export class Redis extends Server {
  name = 'redis';

  /** One that does not run yet. */
  static async prepare() {
    const redis = new Redis('redis');
    redis.port = await freePort();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start() {
    await this.launch(PROGRAM, [
      '--port', String(this.port), '--bind', '127.0.0.1', '--daemonize', 'no', '--dir', this.folder,
      '--appendonly', 'yes', '--appendfsync', 'always', '--save', '',
      // What is on disk is to be searched.
      '--rdbcompression', 'no', '--auto-aof-rewrite-percentage', '0',
    ], /Ready to accept connections/);
    return this;
  }

  command(...args) {
    return run('redis-cli', ['-p', String(this.port), ...args]);
  }

  /** An empty place: the URL of it. */
  async place() {
    await this.command('flushall');
    return this.url;
  }

  /** Everything that is kept, and everything that was: a snapshot and the append-only file. */
  async dump() {
    await this.command('save');
    // Before version 7 the log is a file beside the snapshot.
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map(({ parentPath, path: folder, name }) => path.join(parentPath ?? folder, name));
    for (const kept of [/dump\.rdb$/, /\.aof$/]) assert.ok(files.some((name) => kept.test(name)), files.join());
    return Buffer.concat(files.map((name) => readFileSync(name)));
  }

  /** Keeps `text`, for [`dump`](this.dump) to show. */
  keep(text) {
    return this.command('set', 'control', text);
  }

  /** How often each command was executed, by name. */
  async executed() {
    const stats = await this.command('info', 'commandstats');
    const lines = stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
    return new Map([...lines].map(([, name, calls]) => [name, Number(calls)]));
  }
}
