// Counts the seconds that the server says are left. The browser's clock is not asked what time it is, only how much has
// passed; and since a sleeping computer may not count, the server is asked again when the page comes back to sight.

'use strict';

const countdown = document.querySelector('[data-countdown]');
if (countdown) start(countdown);

function start(element) {
  const progress = document.querySelector('progress');
  let endsAt = performance.now() + Number(element.dataset.secondsLeft) * 1000;
  let over = false;
  let asking = false;

  show();
  const timer = setInterval(tick, 250);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) ask();
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) ask();
  });

  function left() {
    return Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  }

  function show() {
    element.textContent = format(left());
    progress.value = left();
  }

  function tick() {
    show();
    if (left() === 0 && !asking) ask();
  }

  // The server decides: another tab may have moved the idle limit. Asking is no use of the session.
  async function ask() {
    if (over || asking) return;
    asking = true;
    const session = await fetch(element.dataset.session, { cache: 'no-store' })
      .then((response) => (response.ok ? response.json() : undefined))
      .catch(() => undefined);
    asking = false;
    if (session?.authenticated && session.expires_in > 0) {
      endsAt = performance.now() + session.expires_in * 1000;
      show();
    } else if (session?.authenticated === false || left() === 0) {
      end(session?.reason);
    }
  }

  function end(reason) {
    over = true;
    clearInterval(timer);
    element.textContent = format(0);
    document.title = 'Your session has ended';
    document.querySelector('[data-running]').hidden = true;
    document.querySelector('[data-ended]').hidden = false;
    document.querySelector('.eyebrow').hidden = true;
    // Whoever comes by this screen later has no business with the user's data.
    document.querySelectorAll('[data-until-end]').forEach((part) => part.remove());
    const text = REASONS[reason];
    if (text) document.querySelector('[data-reason]').textContent = text;
  }
}

function format(seconds) {
  const two = (number) => String(number).padStart(2, '0');
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const rest = `${Math.floor(seconds / 60) % 60}:${two(seconds % 60)}`;
  if (days === 0 && hours === 0) return rest;
  const clock = `${hours}:${rest.padStart(5, '0')}`;
  if (days === 0) return clock;
  return `${days} ${days === 1 ? 'day' : 'days'} ${clock}`;
}

const REASONS = {
  ceiling: 'Your organization’s sign-in service sets when a session must be over, and that time has come.',
  idle: 'It was not used for a while.',
  absolute: 'It had reached its longest duration.',
  revoked: 'It was ended elsewhere.',
};
