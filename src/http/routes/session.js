// Watches the session of the page that loads it. The chapter `manual::pages` says what it does and why.
// Served without comments and spare spaces, and with the path of the session's answer put in.
(() => {
  const doc = document,
    { src, dataset } = doc.currentScript,
    url = new URL('{session}', src),
    { style } = doc.documentElement,
    // In milliseconds; what is no number of at least so many seconds is a minute.
    option = (value, least) => value >= least ? value * 1e3 : 6e4,
    warn = option(dataset.warn, 0),
    poll = option(dataset.poll, 5),
    tabs = new BroadcastChannel('axum-oidc-session:' + url.pathname),
    left = () => endsAt - performance.now(),
    secs = () => Math.ceil(left() / 1e3),
    // A computer that slept may have stopped the one clock, its user may have set the other. The server decides.
    over = () => known && (left() <= 0 || Date.now() >= wall),
    hide = yes => style.visibility = yes ? 'hidden' : '',
    soon = ms => { clearTimeout(timer); timer = setTimeout(ask, ms); },
    check = () => doc.hidden || soon(0),
    // While the provider's session sets the deadline, a sign-in without a question would lead to the same one.
    login = () => state.login_url + (state.limit === 'ceiling' ? '?again=1&' : '?') +
      'return_to=' + encodeURIComponent(location.pathname + location.search),
    tell = what => doc.dispatchEvent(new CustomEvent('session-' + what, {
      cancelable: true, detail: { ...state, secondsLeft: secs(), loginUrl: login() }
    })),
    make = (tag, what) => Object.assign(doc.createElement(tag), what);
  // `known`: the deadline in the server's words, 0 without a session. `heard`: the same, from another tab. `kept`: this page
  // came out of the back/forward cache, and the server has not been heard since.
  let known, heard, state, timer, ticker, banner, warned, kept, other, endsAt, wall, turns = 0;

  async function ask() {
    const turn = ++turns, sent = performance.now(), was = known;
    // The deadline has come, or seems to have: nothing is shown until the server has answered.
    if (over()) hide(1);
    const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(5e3) })
      .then(it => it.ok && it.json()).catch(() => 0);
    // Asked again meanwhile.
    if (turn !== turns) return;
    if (answer) {
      // Another user's session is not this page's. Whose a page is that was kept before it heard of any, nobody knows.
      other = was ? state.sub !== answer.sub : kept;
      state = answer;
      known = answer.expires_at || 0;
      known === was || known === heard || tabs.postMessage(known);
      heard = -1;
    }
    if (answer && known && !other) {
      const ms = answer.expires_in * 1e3;
      kept = 0;
      endsAt = sent + ms;
      wall = Date.now() + ms;
      hide();
      tell('updated');
    // It is over; or this document is of an earlier one; or nobody says that it goes on.
    } else if (answer ? was !== 0 && (was || kept || cached()) : over()) return end();
    kept ? soon(2e3) : known ? watch() : answer || soon(poll);
  }

  // Whether the document came out of the browser's cache.
  function cached() {
    const [it = {}] = performance.getEntriesByType('navigation');
    return it.type !== 'reload' && !it.workerStart && it.decodedBodySize && !it.transferSize;
  }

  function watch() {
    const ms = left() - warn;
    if (ms > 0) {
      warned = 0;
      dismiss();
    } else if (!warned) {
      warned = 1;
      warn && tell('warning') && show();
    }
    // Close to the deadline twice as often: another tab may move it.
    soon(Math.max(500, Math.min(ms > 0 ? ms : left(), doc.hidden ? 36e5 : ms > 0 ? poll : poll / 2)));
  }

  function end() {
    dismiss();
    known = kept = 0;
    // A reload asks the server, whatever the cache holds. A replacement repeats no form.
    if (hide(tell('ended'))) cached() ? location.reload() : location.replace(location.href.split('#')[0]);
  }

  function show() {
    // Screen readers say the time once, not each second.
    const time = make('b', { ariaLive: 'off' }),
      tick = () => time.textContent = secs() + ' s';
    tick();
    ticker = setInterval(tick, 500);
    banner = make('div', {
      className: 'session-warning', role: 'alert', textContent: 'Your session ends in ',
      style: 'position:fixed;z-index:9999;inset:auto 0 0;padding:1em;background:#222;color:#fff'
    });
    banner.append(time, ' ', make('a', { href: login(), textContent: 'Sign in again', style: 'color:#fff' }), ' ',
      make('button', { textContent: 'Dismiss', onclick: dismiss }));
    doc.body.append(banner);
  }

  function dismiss() {
    clearInterval(ticker);
    banner?.remove();
  }

  tabs.onmessage = ({ data }) => {
    heard = data;
    // Also at a deadline that is known already: it may be that of another user's session.
    data < 0 ? setTimeout(ask, 1e3) : ask();
  };
  // A form may be the sign-out: the other tabs ask when it has arrived.
  addEventListener('submit', ({ target }) => target.method === 'post' && tabs.postMessage(-1));
  doc.addEventListener('session-check', ask);
  ['focus', 'online', 'visibilitychange'].map(it => addEventListener(it, check));
  // What comes out of the back/forward cache comes out hidden.
  addEventListener('pagehide', ({ persisted }) => persisted && known !== 0 && hide(1));
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) {
      hide(kept = known !== 0);
      ask();
    }
  });
  ask();
})();
