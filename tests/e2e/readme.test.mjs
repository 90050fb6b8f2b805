// The README's commands for two nodes, as they stand there: only the ports are the test's own, and the
// demo that was built already is run.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { control, launch, openContext } from './browser.mjs';
import { BINARY, ROOT } from './demo.mjs';
import { eventually } from './flows.mjs';
import { close, freePort, listen } from './ports.mjs';
import { Redis } from './redis.mjs';

const COMMAND = 'cargo run --features redis --example demo';

/** The shell blocks of a section of the README. */
function commands(heading) {
  const section = readFileSync(`${ROOT}/README.md`, 'utf8').split(/^## /m)
    .find((text) => text.startsWith(heading));
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block);
}

/** A port that is free, and so is the one 1000 above it, where the embedded provider listens. */
async function portWithNeighbour() {
  for (;;) {
    const port = await freePort();
    const neighbour = createServer();
    const isFree = port < 60_000 && await listen(neighbour, port + 1000).then(() => true, () => false);
    await close(neighbour);
    if (isFree) return port;
  }
}

/** Runs both blocks in one shell, as the reader's terminals share what the first one exported. */
function start(t, blocks) {
  const script = blocks.map((block) => `${block.trimEnd()} &`).join('\n');
  const { PATH, HOME, TMPDIR } = process.env;
  const shell = spawn('sh', ['-e', '-c', `trap 'kill $(jobs -p)' TERM\n${script}\nwait`], {
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }) }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
  });
  const ended = new Promise((resolve) => { shell.once('close', resolve); });
  for (const stream of [shell.stdout, shell.stderr]) stream.resume();
  t.after(() => {
    process.kill(-shell.pid, 'SIGTERM');
    return ended;
  });
}

const answers = (url) => fetch(url).then(({ ok }) => ok, () => false);

test('the commands for two nodes do what the README says', { timeout: 60_000 }, async (t) => {
  const redis = await Redis.prepare();
  t.after(() => redis.remove());
  await redis.start();
  const blocks = commands('Two nodes');
  assert.equal(blocks.length, 2);
  const [port, other] = [await portWithNeighbour(), await freePort()];
  const own = { 3000: port, 3001: other, 4000: port + 1000, 6379: redis.port };
  const [first, second] = blocks.map((block) => {
    assert.ok(block.includes(COMMAND), block);
    return block.replace(COMMAND, BINARY)
      .replace(/(127\.0\.0\.1:)(\d+)/g, (_, host, number) => host + own[number]);
  });
  start(t, [`export LISTEN_ADDR=127.0.0.1:${port}\n${first}`, second]);
  const [a, b] = [port, other].map((at) => `http://127.0.0.1:${at}`);
  for (const url of [a, b]) await eventually(() => answers(url), `${url} answers`, 20_000);

  const context = await openContext(await launch(t));
  const page = await context.newPage();
  await page.goto(`${a}/`);
  await control(page, 'Sign in').click();
  await page.locator('button[name=sub]').first().click();
  await page.waitForURL((url) => url.origin === a);
  // Cookies know no ports: this is the second node.
  await page.goto(`${b}/profile`);
  await page.locator('[data-countdown]').waitFor();
  assert.equal(await page.locator('footer').innerText(), 'Sessions are kept in Redis.');
  const cookies = await context.cookies(b);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  await page.goto(`${b}/`);
  await control(page, 'Sign out').click();
  await page.waitForURL((url) => url.searchParams.has('state'));
  for (const url of [a, b]) {
    const refused = await fetch(`${url}/api/me`, { headers: { cookie } });
    assert.equal(refused.status, 401);
    assert.equal((await refused.json()).error, 'session_expired');
  }
});
