// A PostgreSQL server of the tests' own. It refuses to run as root: then it runs as user postgres.

import { chownSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './ports.mjs';
import { Server, run } from './servers.mjs';

const DATABASE = 'sessions';

export class Postgres extends Server {
  name = 'postgres';

  /** One that does not run yet, with an empty data folder. */
  static async prepare() {
    const postgres = new Postgres('postgres');
    postgres.port = await freePort();
    if (isRoot) {
      const ids = await Promise.all(['-u', '-g'].map((which) => run('id', [which, 'postgres'])));
      chownSync(postgres.folder, ...ids.map(Number));
    }
    const [program, ...args] = postgres.#command('initdb', '--username=postgres', '--auth=trust',
      '--encoding=UTF8', '--no-locale', '--no-sync', '-D', postgres.#data);
    try {
      await run(program, args, { cwd: postgres.folder });
    } catch (error) {
      await postgres.remove();
      throw error;
    }
    return postgres;
  }

  get url() {
    return `postgres://postgres@127.0.0.1:${this.port}/${DATABASE}`;
  }

  async start() {
    const [program, ...args] = this.#command('postgres', '-D', this.#data, '-p', String(this.port),
      '-h', '127.0.0.1', '-k', this.folder, '-c', 'max_connections=100');
    await this.launch(program, args, /database system is ready to accept connections/);
    return this;
  }

  /** Without waiting for connections to be closed. */
  stop() {
    return super.stop('SIGINT');
  }

  /** An empty place: the URL of it. */
  async place() {
    await this.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`, 'postgres');
    await this.query(`CREATE DATABASE ${DATABASE}`, 'postgres');
    return this.url;
  }

  query(sql, database = DATABASE) {
    const connection = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres'];
    return run(binary('psql'), ['-X', '-q', '-A', '-t', ...connection, '-c', sql, database]);
  }

  /** Everything that is kept, and what was: the database as text, its files, and the write-ahead log. */
  async dump() {
    await this.query('CHECKPOINT');
    const url = new URL(this.url);
    const text = await run(binary('pg_dump'), [url.href], { encoding: 'buffer' });
    const number = await this.query(`SELECT oid FROM pg_database WHERE datname = '${DATABASE}'`);
    const files = [`base/${number.trim()}`, 'pg_wal'].flatMap((name) => {
      const folder = path.join(this.#data, name);
      const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
      return entries.map((entry) => readFileSync(path.join(folder, entry.name)));
    });
    return Buffer.concat([text, ...files]);
  }

  /** Keeps `text`, for [`dump`](this.dump) to show. */
  keep(text) {
    return this.query(`CREATE TABLE control AS SELECT '${text}'::text`);
  }

  /** From now on statements are logged, those of new connections. */
  logStatements() {
    return this.query(`ALTER DATABASE ${DATABASE} SET log_statement = 'all'`);
  }

  /** The statements that were logged, each by its text. */
  get statements() {
    return [...this.log.matchAll(/ LOG: {2}(?:execute [^:]+|statement): (.*)/g)].map(([, sql]) => sql);
  }

  get #data() {
    return path.join(this.folder, 'data');
  }

  #command(program, ...args) {
    const command = [binary(program), ...args];
    if (!isRoot) return command;
    return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command];
  }
}

const isRoot = process.getuid() === 0;

/** Where a program is: Debian does not put the server's into PATH. */
function binary(program) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  const folders = versions.map((version) => path.join(debian, version, 'bin'));
  const files = [...folders, ...process.env.PATH.split(':')].map((at) => path.join(at, program));
  const found = files.find(existsSync);
  if (!found) throw new Error(`there is no ${program}: install the Debian package postgresql`);
  return found;
}
