// What must never appear in a log or a store: collected while the flows run, looked for afterwards.
//
// A secret counts as leaked when any of its first, middle or last 16 characters appear: a log that
// cuts a token short still tells. JSON Web Tokens are searched part by part (their header is public).

const LENGTH = 16;

export class Secrets {
  #values = new Map();

  /** Remembers `value`; anything shorter than 8 characters is too common to look for. */
  add(kind, value) {
    if (typeof value !== 'string' || value.length < 8) return;
    const jwt = value.split('.');
    const isJwt = jwt.length === 3 && value.startsWith('eyJ');
    for (const part of isJwt ? jwt.slice(1) : [value]) this.#values.set(part, kind);
    const encoded = encodeURIComponent(value);
    if (encoded !== value) this.#values.set(encoded, kind);
  }

  /** Every value and its kind. Characters are bytes. */
  get values() {
    return this.#values;
  }

  get kinds() {
    return new Set(this.#values.values());
  }

  /** `kind: log line` for every line of `text` that shows a secret or 16 characters of one. */
  findIn(text) {
    const lines = text.split('\n');
    const found = [];
    for (const [value, kind] of this.#values) {
      const needles = pieces(value);
      for (const line of lines) {
        if (needles.some((needle) => line.includes(needle))) found.push(`${kind}: ${line}`);
      }
    }
    return found;
  }
}

/** The kinds of which `content` (bytes) shows a secret, or 16 characters of one, in any encoding. */
export function kindsIn(content, secrets) {
  const needles = new Map();
  const begins = new Uint8Array(1 << 16);
  for (const [value, kind] of secrets.values) {
    for (const needle of pieces(value).flatMap(encodings)) {
      begins[needle.readUInt16LE()] = 1;
      const key = needle.readUInt32LE();
      needles.set(key, [...(needles.get(key) ?? []), { needle, kind }]);
    }
  }
  const found = new Set();
  for (let at = 0; at + 4 <= content.length; at += 1) {
    if (begins[content[at] | content[at + 1] << 8] === 0) continue;
    for (const { needle, kind } of needles.get(content.readUInt32LE(at)) ?? []) {
      if (content.subarray(at, at + needle.length).equals(needle)) found.add(kind);
    }
  }
  return [...found];
}

/** As bytes, in hexadecimal, and in base64 wherever in a longer value it lies. */
function encodings(text) {
  const bytes = Buffer.from(text, 'latin1');
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = encoded.replace(/.?=+$/, '').slice(before === 0 ? 0 : before + 1);
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [bytes, ...[hex, hex.toUpperCase(), ...base64].map((needle) => Buffer.from(needle))];
}

function pieces(value) {
  if (value.length <= LENGTH) return [value];
  const middle = Math.floor((value.length - LENGTH) / 2);
  return [value.slice(0, LENGTH), value.slice(middle, middle + LENGTH), value.slice(-LENGTH)];
}
