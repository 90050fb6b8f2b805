// A front for the demo that says of its pages how browsers may keep them, as handlers with a
// Cache-Control of their own do.

import http from 'node:http';
import { close, listen } from './ports.mjs';

/** `cacheControl` replaces that of every page; undefined leaves it out. `vary` is added, as the layer does where it may be kept. */
export async function startPageFront({ target, cacheControl, vary }) {
  const { hostname, port } = new URL(target);
  const server = http.createServer((request, response) => {
    const { method, url: path, headers } = request;
    const upstream = http.request({ hostname, port, method, path, headers, agent: false });
    upstream.on('response', (answer) => {
      const own = { ...answer.headers };
      if (answer.statusCode === 200 && own['content-type']?.startsWith('text/html')) {
        delete own['cache-control'];
        if (cacheControl) own['cache-control'] = cacheControl;
        if (vary) own.vary = vary;
      }
      response.writeHead(answer.statusCode, own);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return { url, stop: () => close(server) };
}
