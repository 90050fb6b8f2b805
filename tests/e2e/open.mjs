// Responses that go on: server-sent events over HTTP/1.1 and HTTP/2, and WebSockets, by hand, so that every byte and every
// way to end is seen.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import http2 from 'node:http2';

/** What goes on: `ticks` so far, and `ended`, a promise of how and when. */
class Open {
  ticks = 0;

  constructor() {
    this.ended = new Promise((resolve) => { this.end = (how) => resolve({ ...how, at: Date.now() / 1000 }); });
  }

  count(text) {
    this.ticks += text.split('tick').length - 1;
  }

  /** Returns when at least `ticks` have come. */
  async until(ticks, ms = 10_000) {
    const late = Date.now() + ms;
    while (this.ticks < ticks) {
      if (Date.now() > late) throw new Error(`${this.ticks} ticks, not ${ticks}, in ${ms} ms`);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }
}

/** GET /api/stream at `node` with the client's cookies. Ends `{clean}`. */
export function openStream(client, node) {
  const open = new Open();
  const headers = { cookie: client.jar.header(new URL(node.baseUrl)), accept: 'text/event-stream' };
  const request = http.get(`${node.url}/api/stream`, { headers, agent: false }, (response) => {
    open.status = response.statusCode;
    response.setEncoding('utf8').on('data', (text) => open.count(text));
    response.on('close', () => open.end({ clean: response.complete }));
    response.on('error', () => {});
  });
  request.on('error', (error) => open.end({ clean: false, error }));
  return open;
}

/** The same over HTTP/2 with prior knowledge. */
export function openHttp2Stream(client, node) {
  const open = new Open();
  const session = http2.connect(node.url);
  session.on('error', () => {});
  const cookie = client.jar.header(new URL(node.baseUrl));
  const stream = session.request({ ':path': '/api/stream', cookie, accept: 'text/event-stream' });
  stream.on('response', (headers) => { open.status = headers[':status']; });
  stream.setEncoding('utf8').on('data', (text) => open.count(text));
  let over = false;
  stream.on('end', () => { over = true; });
  stream.on('error', () => {});
  stream.on('close', () => {
    open.end({ clean: over && stream.rstCode === http2.constants.NGHTTP2_NO_ERROR });
    session.close();
  });
  return open;
}

/** A WebSocket at /api/ws of `node`. Ends `{code, reason}` of the server's Close frame, or `{}` without one. */
export function openSocket(client, node) {
  const open = new Open();
  const request = http.get(`${node.url}/api/ws`, {
    agent: false,
    headers: {
      cookie: client.jar.header(new URL(node.baseUrl)), connection: 'Upgrade', upgrade: 'websocket',
      'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'),
    },
  });
  request.on('response', (response) => {
    open.status = response.statusCode;
    response.resume();
    open.end({});
  });
  request.on('error', (error) => open.end({ error }));
  request.on('upgrade', (response, socket, head) => {
    open.status = response.statusCode;
    let bytes = head;
    const read = () => {
      // A server's frames are not masked; these are short.
      while (bytes.length >= 2 && bytes.length >= 2 + (bytes[1] & 127)) {
        const [opcode, payload] = [bytes[0] & 15, bytes.subarray(2, 2 + (bytes[1] & 127))];
        bytes = bytes.subarray(2 + payload.length);
        if (opcode === 1) open.count(payload.toString());
        if (opcode !== 8) continue;
        open.end({ code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() });
        // The same, masked with zeros.
        socket.end(Buffer.concat([Buffer.from([0x88, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
      }
    };
    socket.on('data', (data) => { bytes = Buffer.concat([bytes, data]); read(); });
    socket.on('close', () => open.end({}));
    socket.on('error', () => {});
    read();
  });
  return open;
}
