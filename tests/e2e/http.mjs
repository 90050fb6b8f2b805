// An HTTP client that behaves as a browser where it matters to the demo: cookies, Fetch Metadata,
// Origin. It follows no redirect by itself. On node:http, because fetch overwrites Sec-Fetch-*.

import http from 'node:http';
import https from 'node:https';
import { CookieJar, parseSetCookie } from './cookies.mjs';

const TIMEOUT_MS = 20_000;

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

export class Client {
  jar = new CookieJar();
  cookieValues = [];
  #ca;
  #userAgent;
  #nodes = new Map();

  /** `ca`: the certificate to trust for https, as PEM. */
  constructor({ ca, userAgent } = {}) {
    this.#ca = ca;
    this.#userAgent = userAgent;
  }

  /** From now on requests to the base URL are sent to `node`, as a load balancer would. */
  via(node) {
    this.#nodes.set(new URL(node.baseUrl).origin, new URL(node.url));
    return this;
  }

  /** Another browser that is signed in at the provider as this one is, and nowhere else. */
  sibling() {
    const sibling = new Client({ ca: this.#ca });
    sibling.jar = this.jar.only(({ name }) => name.startsWith('_session'));
    sibling.#nodes = new Map(this.#nodes);
    return sibling;
  }

  /** A navigation, as by a link or the address bar; `from` is the page it starts on. */
  navigate(url, { from, ...options } = {}) {
    return this.request(url, { ...options, headers: navigation(url, from, options.headers) });
  }

  /** What a form on `from` (by default a page of the same origin) submits. */
  submit(url, fields = {}, { from = url, headers } = {}) {
    const body = new URLSearchParams(fields).toString();
    const form = { origin: new URL(from).origin, 'content-type': 'application/x-www-form-urlencoded' };
    return this.request(url, {
      method: 'POST', body, headers: navigation(url, from, { ...form, ...headers }),
    });
  }

  /** What `fetch()` in a page of the same origin sends. */
  fetch(url, { method = 'GET', headers, body } = {}) {
    const metadata = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' };
    const origin = method === 'GET' ? {} : { origin: new URL(url).origin };
    return this.request(url, {
      method, body, headers: { accept: '*/*', ...metadata, ...origin, ...headers },
    });
  }

  /** Navigations from `url` on through every redirect, up to a page or up to where `stop` says. */
  async follow(url, { from, stop = () => false } = {}) {
    let previous = from;
    for (let hop = 0; hop < 12; hop += 1) {
      if (stop(new URL(url))) return { location: url, headers: {} };
      const response = await this.navigate(url, { from: previous });
      if (!response.location) return response;
      previous = from ?? url;
      url = response.location;
    }
    throw new Error(`more than 12 redirects, the last to ${url}`);
  }

  /** One request, with the jar's cookies unless `headers.cookie` replaces them. */
  async request(target, { method = 'GET', headers = {}, body } = {}) {
    const url = new URL(target);
    const cookie = headers.cookie ?? this.jar.header(url);
    const { hostname, port } = this.#nodes.get(url.origin) ?? url;
    const response = await send(url, {
      method, ca: this.#ca, hostname, port,
      headers: {
        host: url.host,
        ...(this.#userAgent && { 'user-agent': this.#userAgent }),
        ...headers,
        ...(cookie && { cookie }),
      },
    }, body);
    response.setCookies = (response.headers['set-cookie'] ?? []).map(parseSetCookie);
    this.cookieValues.push(...response.setCookies.map(({ value }) => value));
    this.jar.store(url, response.setCookies);
    return response;
  }
}

function navigation(url, from, headers) {
  return {
    accept: HTML,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-user': '?1',
    'upgrade-insecure-requests': '1',
    'sec-fetch-site': relation(url, from),
    ...headers,
  };
}

/** The value of Sec-Fetch-Site; on IP addresses and localhost, site means scheme and host name. */
function relation(url, from) {
  if (from === undefined) return 'none';
  const [target, source] = [new URL(url), new URL(from)];
  if (target.origin === source.origin) return 'same-origin';
  const site = ({ protocol, hostname }) => `${protocol}//${hostname}`;
  return site(target) === site(source) ? 'same-site' : 'cross-site';
}

function send(url, options, body) {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, agent: false, timeout: TIMEOUT_MS }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve(answer(url, incoming, Buffer.concat(chunks).toString())));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${url} in time`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function answer(url, { statusCode: status, headers }, text) {
  const location = headers.location && new URL(headers.location, url).href;
  return { url: url.href, status, headers, text, location, json: () => JSON.parse(text) };
}
