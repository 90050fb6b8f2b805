// Counts the seconds that the server says are left. The browser's clock is not asked what time it is, only how much has
// passed. `/auth/session.js` asks the server and tells what it hears; this is what the profile page makes of it.

'use strict';

const countdown = document.querySelector('[data-countdown]');
if (countdown) start(countdown);

function start(element) {
  const progress = document.querySelector('progress');
  let endsAt = performance.now() + Number(element.dataset.secondsLeft) * 1000;

  show();
  const timer = setInterval(show, 250);
  // Another tab may have moved the idle limit.
  document.addEventListener('session-updated', ({ detail }) => {
    endsAt = performance.now() + detail.secondsLeft * 1000;
    show();
  });
  // Other pages are left for what the server says now. This one stays, to say why.
  document.addEventListener('session-ended', (event) => {
    event.preventDefault();
    end(event.detail.reason);
  });

  function left() {
    return Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  }

  function show() {
    element.textContent = format(left());
    progress.value = left();
  }

  function end(reason) {
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
