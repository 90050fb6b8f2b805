// Servers of the tests' own, to be stopped, killed and paused: each in a folder of its own.
//
// A server ends with the process that started it, in whatever way that ends: a shell waits for its
// pipe to this process to close, then kills the server and removes the folder.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const START_MS = 30_000;

export class Server {
  /** What it has written since it was started first. */
  log = '';
  #child;
  #watchdog;

  constructor(name) {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), `e2e-${name}-`)));
  }

  /** Starts `program`; returns when what it writes shows `ready`. */
  async launch(program, args, ready) {
    const [from, { PATH }] = [this.log.length, process.env];
    const child = spawn(program, args, {
      cwd: this.folder, env: { PATH, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let ended = false;
    this.#child = child;
    child.ended = new Promise((resolve) => {
      child.once('error', resolve);
      // Its own children write to the same pipes: they have ended, too, by then.
      child.once('close', resolve);
    }).finally(() => { ended = true; });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => { this.log += chunk; });
    }
    if (child.pid) this.#watchdog = watch(child.pid, this.folder);
    const deadline = Date.now() + START_MS;
    while (!ready.test(this.log.slice(from))) {
      if (ended || Date.now() > deadline) {
        throw new Error(`${program} does not start:\n${this.log.slice(from)}`);
      }
      await sleep(5);
    }
  }

  /** Ends it as an administrator does. */
  stop(signal = 'SIGTERM') {
    return this.#end(({ pid }) => process.kill(pid, signal));
  }

  /** Ends it as a crash does. The data stay. */
  kill() {
    return this.#end(({ pid }) => signalAll(pid, 'SIGKILL'));
  }

  /** Lets it hang: its sockets stay open, nothing is answered. */
  pause() {
    signalAll(this.#child.pid, 'SIGSTOP');
  }

  resume() {
    signalAll(this.#child.pid, 'SIGCONT');
  }

  /** Ends it for good, data included. */
  async remove() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(how) {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    // First the watchdog: it must not meet another process under the server's number.
    this.#watchdog.kill('SIGKILL');
    await this.#watchdog.ended;
    how(child);
    await child.ended;
  }
}

/** To the process and its children, of which there are no more once it is stopped. */
function signalAll(pid, signal) {
  process.kill(pid, 'SIGSTOP');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const numbers = children === '' ? [] : children.split(' ').map(Number);
  for (const number of [...numbers, pid]) {
    try {
      process.kill(number, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

function watch(pid, folder) {
  const script = `
    read -r _
    case "$(readlink "/proc/$1/cwd")" in
      "$2"*) kill -KILL "$1" $(cat "/proc/$1/task/$1/children") ;;
    esac
    sleep 0.2
    rm -rf "$2"`;
  const watchdog = spawn('sh', ['-c', script, 'watchdog', String(pid), folder], {
    cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.ended = new Promise((resolve) => { watchdog.once('close', resolve); });
  return watchdog;
}

/** Runs a program to its end; what it prints, as text or with `encoding: 'buffer'` as bytes. */
export async function run(program, args, options = {}) {
  const settings = { encoding: 'utf8', maxBuffer: 1 << 28, ...options };
  const { stdout } = await promisify(execFile)(program, args, settings);
  return stdout;
}
