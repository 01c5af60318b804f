// The page: who is signed in, which view the address names, and when to look again.
// Addresses: `#/` the overview, `#/endpoint?function=…&method=…&route=…`, `#/invocation/ID`.

import { el, moment } from './elements.js';
import { Forbidden, Session, SignedOut } from './session.js';
import { signIn } from './sign-in.js';
import { Overview } from './overview.js';
import { Endpoint } from './endpoint.js';
import { Invocation } from './invocation.js';

const EVERY = 2000;
const WINDOWS = [[5, '5 min'], [60, '1 h'], [1440, '24 h']];

const at = (id) => document.getElementById(id);
const session = new Session();
let view = null;
let minutes = 60;
let isLive = true;
let timer = 0;
let turn = 0;

const windows = WINDOWS.map(([value, label]) =>
  el('button', { type: 'button', 'aria-pressed': String(value === minutes), onclick: () => choose(value) }, label));
at('windows').append(...windows);
at('live').addEventListener('click', () => {
  isLive = !isLive;
  at('live').setAttribute('aria-pressed', String(isLive));
  if (isLive) look();
  else clearTimeout(timer);
});
at('sign-out').addEventListener('click', async () => {
  await session.end();
  show(null);
});
addEventListener('hashchange', () => session.isOpen() && show(route()));
// Nothing of the session outlives the page.
addEventListener('pagehide', () => session.end());
addEventListener('pageshow', (event) => event.persisted && show(null));
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && look());

show(null);

function choose(value) {
  minutes = value;
  windows.forEach((button, n) => button.setAttribute('aria-pressed', String(WINDOWS[n][0] === value)));
  look();
}

function route() {
  const [path, query] = location.hash.replace(/^#/, '').split('?');
  const id = path.match(/^\/invocation\/(.+)$/);
  if (id) return new Invocation(decoded(id[1]));
  if (path === '/endpoint') return new Endpoint(named(query));
  return new Overview();
}

// An address may be anything: what can't be decoded is looked for as it is, and not found.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// What an address may name of an endpoint, and nothing else: the window is the page's.
function named(query) {
  const given = new URLSearchParams(query);
  const names = ['function', 'method', 'route'].filter((name) => given.has(name));
  return Object.fromEntries(names.map((name) => [name, given.get(name)]));
}

// Shows a view, or the way in.
function show(next) {
  clearTimeout(timer);
  view?.leave?.();
  view = next;
  at('tools').hidden = !next;
  at('status').textContent = at('trouble').textContent = '';
  if (next) {
    at('main').replaceChildren(next.element);
    at('windows').hidden = next instanceof Invocation;
    scrollTo(0, 0);
    look();
    return;
  }
  const form = signIn(session, () => {
    show(route());
    at('main').focus();
  });
  at('main').replaceChildren(form);
  form.querySelector('input').focus();
}

// Asks and shows the answer; again in a moment if the page is live and somebody looks.
async function look() {
  clearTimeout(timer);
  const shown = view;
  if (!shown || document.visibilityState !== 'visible') return;
  const mine = ++turn;
  try {
    const ask = (path, query) => session.get(path, { minutes, ...query });
    await shown.look(ask, (path) => session.get(path, {}));
    if (mine !== turn || shown !== view) return;
    at('trouble').textContent = '';
    at('status').textContent = `As of ${moment(new Date())}${isLive ? '' : ', paused'}`;
  } catch (error) {
    if (mine !== turn || shown !== view) return;
    if (error instanceof SignedOut) return show(null);
    if (error instanceof Forbidden) return refuse();
    at('trouble').textContent = isLive ? `${error.message} Trying again …` : error.message;
  }
  if (isLive) timer = setTimeout(look, EVERY);
}

function refuse() {
  view = null;
  at('tools').hidden = true;
  session.end();
  at('main').replaceChildren(el('section', { class: 'card narrow', role: 'alert' },
    el('h1', {}, 'Not for this account'),
    el('p', {}, 'You are signed in, but your account may not see this. It takes the scope ',
      el('code', {}, 'monitor:read'), ', which the role ', el('code', {}, 'admin'), ' has.'),
    el('button', { type: 'button', class: 'primary', onclick: () => show(null) }, 'Sign in as somebody else')));
}
