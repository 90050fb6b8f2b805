// oidc-provider warns of everything a production server would change; here that is only noise.

for (const level of ['info', 'warn']) {
  const write = console[level].bind(console);
  console[level] = (...message) => {
    if (!/oidc-provider (WARNING|NOTICE)/.test(message[0])) write(...message);
  };
}
