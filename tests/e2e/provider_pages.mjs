// The provider's sign-in form: any user name will do. Plain HTML, no fonts. A test may post `ago`: how many seconds ago
// the user is to have proved who they are.

/** Answers `GET` and `POST /interaction/:uid`. */
export async function answerInteraction(provider, req, res) {
  const { session } = await provider.interactionDetails(req, res);
  if (req.method !== 'POST') {
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(page('Provider sign-in', signInForm(req.url, session?.accountId)));
    return;
  }
  const fields = new URLSearchParams(await text(req));
  if (fields.has('cancel')) {
    const denied = { error: 'access_denied', error_description: 'The user cancelled <b>it</b>' };
    await provider.interactionFinished(req, res, denied, { mergeWithLastSubmission: false });
    return;
  }
  const ts = Math.floor(Date.now() / 1000) - Number(fields.get('ago') ?? 0);
  const result = { login: { accountId: fields.get('login'), ts }, consent: {} };
  await provider.interactionFinished(req, res, result);
}

/** One page of the provider. */
export function page(title, body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
    <h1>${title}</h1>${body}</html>`;
}

export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function signInForm(action, accountId = '') {
  return `<form method="post" action="${escapeHtml(action)}">
    <label>User <input name="login" required value="${escapeHtml(accountId)}"></label>
    <button type="submit">Continue</button>
    <button type="submit" name="cancel" value="1" formnovalidate>Cancel</button></form>`;
}

async function text(req) {
  let body = '';
  for await (const chunk of req) body += chunk;
  return body;
}
