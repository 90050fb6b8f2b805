// Behind nginx with its default limits (8 KB for a request line or a header): many tabs that are restored at once, with long
// addresses, all sign in, and no page answers 400.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, openContext, signIn } from './browser.mjs';
import { startDemo } from './demo.mjs';
import { Nginx } from './nginx.mjs';
import { freePort } from './ports.mjs';
import { startProvider } from './provider.mjs';

/** A demo behind nginx, and its provider on another site. */
async function worldBehindNginx(t) {
  const started = [];
  t.after(async () => {
    for (const server of started.reverse()) await server.stop();
  });
  const port = await freePort();
  const nginx = await Nginx.start({ target: `http://127.0.0.1:${port}` });
  started.push(nginx);
  const op = await startProvider({ baseUrl: nginx.url, host: 'localhost' });
  started.push(op);
  const demo = await startDemo({ provider: op, port, baseUrl: nginx.url, name: t.name });
  started.push(demo);
  return { op, demo, nginx };
}

/** An address of nearly 2 KB. */
const long = (demo, tab) => `${demo.baseUrl}/profile?tab=${tab}&${'a'.repeat(2000)}`;

/** Opens all addresses at once, and answers where each tab came to. */
async function restore(context, addresses) {
  const faults = [];
  const cookies = [];
  context.on('response', (response) => {
    if (response.status() >= 400 && !response.url().endsWith('/favicon.ico')) {
      faults.push(`${response.status()} ${response.url().slice(0, 200)}`);
    }
  });
  context.on('request', (request) => {
    cookies.push(request.allHeaders().then((headers) => [request.url(), headers.cookie ?? '']).catch(() => ['', '']));
  });
  const pages = await Promise.all(addresses.map(() => context.newPage()));
  await Promise.all(pages.map(async (page, index) => {
    await page.goto(addresses[index], { waitUntil: 'commit', timeout: 60_000 });
    await page.waitForURL(addresses[index], { timeout: 60_000 });
  }));
  const ended = pages.map((page) => page.url());
  return { pages, ended, faults, cookies: await Promise.all(cookies) };
}

/** Of the requests to the demo: how long the `Cookie` header was. All cookies of its host are the crate's. */
function assertWithinBudget(demo, cookies) {
  const ours = cookies.filter(([url]) => url.startsWith(demo.baseUrl));
  assert.ok(ours.length > 0);
  for (const [url, cookie] of ours) {
    const limit = new URL(url).pathname === '/auth/callback' ? 4096 : 1024;
    assert.ok(cookie.length <= limit, `${cookie.length} bytes for ${url.slice(0, 100)}: ${cookie}`);
  }
}

for (const tabs of [20, 40]) {
  test(`${tabs} restored tabs with long addresses all sign in`, { timeout: 240_000 }, async (t) => {
    const { demo, nginx } = await worldBehindNginx(t);
    const context = await openContext(await launch(t));
    const page = await context.newPage();
    await signIn(page, demo);
    // The session of the application has ended, that of the provider lives.
    await context.clearCookies({ domain: '127.0.0.1' });
    const addresses = Array.from({ length: tabs }, (_, tab) => long(demo, tab));
    const { pages, ended, faults, cookies } = await restore(context, addresses);
    assert.deepEqual(ended, addresses);
    assert.deepEqual(faults, []);
    for (const tab of pages) assert.equal(await tab.locator('[data-countdown]').count(), 1);
    assertWithinBudget(demo, cookies);
    // And the host is usable afterwards.
    assert.equal((await page.goto(`${demo.baseUrl}/`)).status(), 200);
    assert.ok(!nginx.statuses.includes(400) && !nginx.statuses.includes(502), `${nginx.statuses}`);
  });
}

test('logins that are never finished leave every page usable', { timeout: 120_000 }, async (t) => {
  const { demo, nginx } = await worldBehindNginx(t);
  const context = await openContext(await launch(t));
  const addresses = Array.from({ length: 30 }, (_, tab) => long(demo, tab));
  const pages = await Promise.all(addresses.map(() => context.newPage()));
  // Each ends on the provider's form.
  await Promise.all(pages.map((page, index) => page.goto(addresses[index])));
  for (const page of pages) await page.getByRole('heading', { name: 'Provider sign-in' }).waitFor();
  const cookies = await context.cookies(demo.baseUrl);
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  assert.ok(header.length <= 1024, `${header.length} bytes: ${header}`);
  const home = await pages[0].goto(`${demo.baseUrl}/`);
  assert.equal(home.status(), 200);
  assert.ok(!nginx.statuses.includes(400) && !nginx.statuses.includes(502), `${nginx.statuses}`);
});
