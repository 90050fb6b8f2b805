// A strict cookie jar (RFC 6265bis): what a browser would refuse is an error here, not a silent loss.

/** One parsed `Set-Cookie` header. */
export function parseSetCookie(header) {
  const [pair, ...attributes] = header.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  const cookie = { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes: {} };
  for (const attribute of attributes) {
    const [name, value = true] = attribute.split(/=(.*)/s);
    cookie.attributes[name.toLowerCase()] = value;
  }
  cookie.removes = isOver(expiry(cookie.attributes));
  return cookie;
}

export class CookieJar {
  #cookies = new Map();

  /** Stores (or removes) what one response from `url` set. */
  store(url, setCookies) {
    for (const cookie of setCookies) {
      refuse(url, cookie);
      const path = cookie.attributes.path ?? defaultPath(url);
      const key = `${url.hostname} ${path} ${cookie.name}`;
      const expires = expiry(cookie.attributes);
      const secure = cookie.attributes.secure === true;
      if (cookie.removes) this.#cookies.delete(key);
      else this.#cookies.set(key, { ...cookie, host: url.hostname, path, secure, expires });
    }
  }

  /** A jar of those cookies for which `condition` holds. */
  only(condition) {
    const jar = new CookieJar();
    const kept = [...this.#cookies].filter(([, cookie]) => condition(cookie));
    jar.#cookies = new Map(kept);
    return jar;
  }

  /** The live cookies that go to `url`. As in browsers the port does not matter. */
  for(url) {
    return [...this.#cookies.values()].filter((cookie) => cookie.host === url.hostname
      && pathMatches(cookie.path, url.pathname)
      && (!cookie.secure || url.protocol === 'https:')
      && !isOver(cookie.expires));
  }

  /** The `Cookie` header for `url`, or undefined. */
  header(url) {
    const pairs = this.for(url).map(({ name, value }) => `${name}=${value}`);
    return pairs.length > 0 ? pairs.join('; ') : undefined;
  }
}

function refuse(url, { name, value, attributes }) {
  const secure = attributes.secure === true;
  const reasons = [
    [secure && url.protocol !== 'https:', 'Secure on plain http'],
    [attributes.domain !== undefined, 'a Domain attribute'],
    [name.length + value.length > 4096, 'longer than 4096 bytes'],
    [/^__(host|secure)-/i.test(name) && !secure, 'a prefix that demands Secure'],
    [/^__host-/i.test(name) && attributes.path !== '/', 'a prefix that demands Path=/'],
    [attributes.samesite === undefined, 'no SameSite'],
  ];
  const broken = reasons.filter(([applies]) => applies).map(([, reason]) => reason);
  // The provider's cookies are its own business, as long as they can be kept.
  const tolerated = name.startsWith('_interaction') || name.startsWith('_session');
  if (broken.length > 0 && !tolerated) {
    throw new Error(`cookie ${name} from ${url.origin}: ${broken.join(', ')}`);
  }
}

/** Milliseconds since the epoch; Infinity for a session cookie. Max-Age wins over Expires. */
function expiry({ 'max-age': maxAge, expires }) {
  if (maxAge !== undefined) return Number(maxAge) > 0 ? Date.now() + Number(maxAge) * 1000 : 0;
  return expires === undefined ? Infinity : Date.parse(expires);
}

function isOver(expires) {
  return expires <= Date.now();
}

function defaultPath(url) {
  return url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/')));
}

function pathMatches(cookiePath, requestPath) {
  if (cookiePath === requestPath) return true;
  if (!requestPath.startsWith(cookiePath)) return false;
  return cookiePath.endsWith('/') || requestPath[cookiePath.length] === '/';
}
