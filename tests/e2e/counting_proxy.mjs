// Counts the round trips between a client and its server: how often the client speaks after the
// server has spoken. A connection that waits for events is told apart by its first words; `deafen()`
// keeps from the client whatever comes on such connections, as a network that loses packets does.

import { connect, createServer } from 'node:net';
import { close, listen } from './ports.mjs';

/** Such a connection's round trips only ask whether the server is still there. */
const LISTENING = /SUBSCRIBE|LISTEN/i;

export async function startCountingProxy({ url, t }) {
  const { hostname, port } = new URL(url);
  let isDeaf = false;
  const proxy = { roundTrips: 0, heartbeats: 0, deafen: () => { isDeaf = true; } };
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let isListening = false;
    let isAsking = false;
    client.on('data', (chunk) => {
      isListening ||= LISTENING.test(chunk.toString('latin1'));
      if (isAsking) return;
      isAsking = true;
      if (isListening) proxy.heartbeats += 1;
      else proxy.roundTrips += 1;
    });
    upstream.on('data', (chunk) => {
      isAsking = false;
      if (!(isDeaf && isListening)) client.write(chunk);
    });
    upstream.on('end', () => client.end());
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => { client.destroy(); upstream.destroy(); });
    }
    client.pipe(upstream);
  });
  proxy.url = url.replace(`:${port}`, `:${await listen(server)}`);
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    return close(server);
  });
  return proxy;
}
