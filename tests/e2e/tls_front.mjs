// A TLS front as in production: https outside, plain http to the demo behind it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { close, listen } from './ports.mjs';

/** Starts a front for `target` (an http URL); `url` is what browsers use, `ca` what they trust. */
export async function startTlsFront({ target, port }) {
  const { key, cert } = selfSigned();
  const server = https.createServer({ key, cert }, (req, res) => forward(target, req, res));
  const url = `https://127.0.0.1:${await listen(server, port)}`;
  return { url, ca: cert, stop: () => close(server) };
}

function forward(target, req, res) {
  const headers = { ...req.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };
  const onward = http.request(new URL(req.url, target), { method: req.method, headers }, (answer) => {
    res.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(res);
  });
  onward.on('error', () => res.destroy());
  req.pipe(onward);
}

function selfSigned() {
  const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  try {
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
      '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', key, '-out', cert,
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
