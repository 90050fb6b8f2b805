// An OpenID Provider of its own making: npm oidc-provider (a certified OP) in this process, with the
// `session_expiry` claim, rotating refresh tokens, and a record of every request it gets.

import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import './quiet.mjs';
import { Provider } from 'oidc-provider';
import { answerInteraction, escapeHtml, page } from './provider_pages.mjs';
import { close, listen } from './ports.mjs';
import { Secrets } from './secrets.mjs';

/** E counted from the moment the user signed in at the provider: constant for its whole session. */
export const fromSignIn = (seconds) => ({ authTime }) => authTime + seconds;

/**
 * Starts a provider for the one client that lives at `baseUrl`.
 *
 * - `host`: the host name of the issuer; `localhost` makes it another site than 127.0.0.1.
 * - `port`: 0 takes a free one.
 * - `sessionExpiry`: `({authTime, now, refresh}) => value`; undefined leaves the claim out. May be
 *   replaced while the provider runs, as may `accessTokenTtl` (seconds).
 * - `groups`: the groups of every user, in the ID Token.
 * - `listening: false` leaves the provider down until `up()`.
 */
export async function startProvider({ baseUrl, host = '127.0.0.1', port = 0, ...settings }) {
  const server = http.createServer();
  const issuer = `http://${host}:${await listen(server, port)}`;
  const op = new RunningProvider(issuer, server, baseUrl, settings);
  if (settings.listening === false) await op.down();
  return op;
}

class RunningProvider {
  clientId = 'e2e-client';
  // Characters that RFC 6749 2.3.1 has the client form-urlencode before it sends them.
  clientSecret = `${randomBytes(24).toString('base64url')}:%/+&=`;
  /** Every request: `{method, path, url}`. */
  requests = [];
  /** Every answer of the token endpoint, with its status, its grant type and the ID Token's claims. */
  issued = [];
  /** Every token that was sent to the revocation endpoint. */
  revoked = [];
  /** How long the token endpoint keeps its answers to itself, in milliseconds. */
  delayTokens = 0;
  secrets = new Secrets();
  #server;
  #key = signingKey();
  #gate;
  #subjects = new Map();

  constructor(issuer, server, baseUrl, { sessionExpiry, accessTokenTtl = 3600, groups }) {
    this.issuer = issuer;
    this.sessionExpiry = sessionExpiry ?? (() => undefined);
    this.accessTokenTtl = accessTokenTtl;
    this.groups = groups;
    this.#server = server;
    this.secrets.add('client secret', this.clientSecret);
    const basic = `${encodeURIComponent(this.clientId)}:${encodeURIComponent(this.clientSecret)}`;
    this.secrets.add('client authentication', Buffer.from(basic).toString('base64'));
    const provider = new Provider(issuer, this.#configuration(baseUrl));
    provider.use((ctx, next) => this.#record(ctx, next));
    provider.on('server_error', (_ctx, error) => console.error('provider:', error));
    const callback = provider.callback();
    server.on('request', (req, res) => {
      this.requests.push({ method: req.method, path: req.url.split('?')[0], url: req.url });
      if (req.url.startsWith('/interaction/')) {
        answerInteraction(provider, req, res).catch((error) => res.destroy(error));
      } else if (req.method === 'POST' && req.url === '/session/end') {
        asGet(req).then(() => callback(req, res), (error) => res.destroy(error));
      } else callback(req, res);
    });
  }

  /** How many requests `path` has had. */
  count(path) {
    return this.requests.filter((request) => request.path === path).length;
  }

  /** How often a refresh token was sent to the token endpoint. */
  get refreshes() {
    return this.issued.filter(({ grantType }) => grantType === 'refresh_token').length;
  }

  /** The authorization requests so far, as their parameters. */
  get authorizationRequests() {
    return this.requests.filter(({ path }) => path === '/auth')
      .map(({ url }) => new URL(url, this.issuer).searchParams);
  }

  /**
   * From now on the token endpoint does its work and keeps the answers to itself: `reached` resolves
   * when there is one, `release` lets all of them go.
   */
  holdTokens() {
    let reached;
    let release;
    const hold = { reached: new Promise((resolve) => { reached = resolve; }) };
    const released = new Promise((resolve) => { release = resolve; });
    this.#gate = () => { reached(); return released; };
    hold.release = () => { this.#gate = undefined; release(); };
    return hold;
  }

  /** A logout token (Back-Channel Logout 1.0 section 2.4) about `sub`, `sid` or both. */
  logoutToken(about) {
    const now = Math.floor(Date.now() / 1000);
    const header = { alg: 'RS256', typ: 'logout+jwt', kid: this.#key.kid };
    const claims = {
      iss: this.issuer, aud: this.clientId, iat: now, exp: now + 120, jti: randomUUID(),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, ...about,
    };
    const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = `${encode(header)}.${encode(claims)}`;
    const signature = sign('RSA-SHA256', signed, createPrivateKey({ key: this.#key, format: 'jwk' }));
    return `${signed}.${signature.toString('base64url')}`;
  }

  down() {
    return close(this.#server);
  }

  up() {
    return listen(this.#server, Number(new URL(this.issuer).port));
  }

  async stop() {
    if (this.#server.listening) await this.down();
  }

  #configuration(baseUrl) {
    return {
      clients: [{
        client_id: this.clientId,
        client_secret: this.clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${baseUrl}/auth/callback`],
        post_logout_redirect_uris: [`${baseUrl}/`],
        backchannel_logout_uri: `${baseUrl}/auth/backchannel-logout`,
        backchannel_logout_session_required: true,
      }],
      jwks: { keys: [this.#key] },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      claims: {
        openid: ['sub', 'auth_time', 'session_expiry', 'groups'],
        profile: ['name'],
        email: ['email', 'email_verified'],
      },
      scopes: ['openid', 'offline_access'],
      pkce: { required: () => true },
      rotateRefreshToken: true,
      // The provider drops the offline_access scope without prompt=consent (OIDC Core 11); what
      // the tests need is the token.
      issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
      ttl: { ...TTL, AccessToken: () => this.accessTokenTtl },
      features: {
        devInteractions: { enabled: false },
        pushedAuthorizationRequests: { enabled: false },
        revocation: { enabled: true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
      },
      findAccount: (_ctx, login, token) => this.#account(login, token),
      loadExistingGrant,
      renderError: (ctx, { error, error_description: text }) => {
        ctx.body = page('The provider refused', `<p>${escapeHtml(error)}: ${escapeHtml(text)}</p>`);
      },
      // Back-channel logout goes to loopback here, which the default dispatcher forbids.
      fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    };
  }

  #account(login, token) {
    if (!this.#subjects.has(login)) this.#subjects.set(login, `user-${randomUUID()}`);
    const name = `Name of ${login}`;
    const email = `${login}@users.example.test`;
    this.secrets.add('email', email);
    this.secrets.add('name', name);
    this.secrets.add('sub', this.#subjects.get(login));
    return {
      accountId: login,
      claims: (use) => {
        const claims = { sub: this.#subjects.get(login), name, email, email_verified: true };
        if (use === 'id_token') {
          const now = Math.floor(Date.now() / 1000);
          const refresh = token?.kind === 'RefreshToken';
          const asserted = this.sessionExpiry({ authTime: token?.authTime, now, refresh });
          if (asserted !== undefined) claims.session_expiry = asserted;
          if (this.groups) claims.groups = this.groups;
        }
        return claims;
      },
    };
  }

  async #record(ctx, next) {
    await next();
    const params = ctx.oidc?.params ?? {};
    for (const name of ['code', 'code_verifier', 'refresh_token', 'state', 'nonce', 'id_token_hint']) {
      this.secrets.add(name, params[name]);
    }
    const location = ctx.response.get('location');
    if (location) this.secrets.add('code', new URL(location, this.issuer).searchParams.get('code'));
    if (ctx.path === '/token/revocation') this.revoked.push(params.token);
    if (ctx.path !== '/token') return;
    const answer = { ...ctx.body, grantType: params.grant_type, status: ctx.status };
    for (const name of ['access_token', 'refresh_token', 'id_token']) {
      this.secrets.add(name, answer[name]);
    }
    if (answer.id_token) answer.claims = payloadOf(answer.id_token);
    this.secrets.add('sid', answer.claims?.sid);
    this.issued.push(answer);
    await sleep(this.delayTokens);
    await this.#gate?.();
  }
}

/**
 * RP-Initiated Logout has to accept POST, too. oidc-provider does so only with cookies of
 * SameSite=None, which browsers take over https alone.
 */
async function asGet(req) {
  req.url += `?${await text(req)}`;
  req.method = 'GET';
}

/** A first-party client: no consent to ask for, everything that was requested is granted. */
async function loadExistingGrant(ctx) {
  const { client: { clientId }, provider: { Grant }, session } = ctx.oidc;
  const { accountId } = session;
  const known = session.grantIdFor(clientId);
  let grant = known && await Grant.find(known);
  if (grant?.accountId !== accountId) grant = new Grant({ clientId, accountId });
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  await grant.save();
  return grant;
}

function logoutSource(ctx, form) {
  ctx.body = page('Sign out of the provider?', `${form}
    <button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`);
}

function postLogoutSuccessSource(ctx) {
  ctx.body = page('Signed out of the provider', '');
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: randomUUID() };
}

function payloadOf(jwt) {
  return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString());
}

const TTL = {
  AuthorizationCode: 60,
  Grant: 86400,
  IdToken: 3600,
  Interaction: 600,
  RefreshToken: 86400,
  Session: 86400,
};
