// What must never appear in a log: collected while the flows run, looked for afterwards.
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

function pieces(value) {
  if (value.length <= LENGTH) return [value];
  const middle = Math.floor((value.length - LENGTH) / 2);
  return [value.slice(0, LENGTH), value.slice(middle, middle + LENGTH), value.slice(-LENGTH)];
}
