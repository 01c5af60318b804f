// One invocation: what is known of it, and its log lines.

import { el, endpointLink, momentWithDay, ms, outcome, precisely } from './elements.js';

export class Invocation {
  #id;
  #body = el('div', { class: 'view' });
  #isShown = false;

  constructor(id) {
    this.#id = id;
    this.element = el('div', { class: 'view' },
      el('nav', { 'aria-label': 'Where you are' }, el('a', { href: '#/' }, '← Overview')), this.#body);
  }

  // An invocation does not change once it is over.
  async look(_, ask) {
    if (this.#isShown) return;
    let one;
    try {
      one = await ask(`/invocations/${encodeURIComponent(this.#id)}`);
    } catch (error) {
      if (error.status !== 404) throw error;
      this.#body.replaceChildren(el('p', {}, 'This invocation is not known, or had to make room for later ones.'));
      return;
    }
    this.#isShown = true;
    const fact = (name, value) => (value === null || value === undefined ? null : el('div', {}, el('dt', {}, name), el('dd', {}, value)));
    const endpoint = one.route ? endpointLink(one, `${one.method ?? ''} ${one.route}`) : one.function;
    this.#body.replaceChildren(
      el('h1', {}, 'Invocation ', outcome(one.outcome), one.cold ? el('span', { class: 'badge cold' }, 'cold start') : null),
      el('dl', { class: 'card facts' },
        fact('Endpoint', endpoint),
        fact('Function', one.function),
        fact('When', momentWithDay(one.at)),
        fact('Status', one.status === null ? null : String(one.status)),
        fact('Took', ms(one.took_ms)),
        fact('Start', one.init_ms === null ? null : ms(one.init_ms)),
        fact('Memory', one.memory_mb === null ? null : `${one.memory_mb} MiB`),
        fact('Database connection', one.database_connection),
        fact('Request id', one.id === null ? null : el('code', {}, one.id)),
        fact('AWS request id', one.aws_request_id === null ? null : el('code', {}, one.aws_request_id))),
      el('section', { class: 'card' }, el('h2', {}, 'Log'),
        el('ol', { class: 'log' }, one.lines.map((line) => el('li', { class: `level-${(line.level ?? 'info').toLowerCase()}` },
          el('time', {}, line.at ? precisely(line.at) : ''), ' ',
          el('span', { class: 'level' }, line.level ?? ''), ' ', el('span', {}, line.text)))),
        one.lines.length === 0 ? el('p', { class: 'quiet' }, 'It wrote nothing.') : null));
  }
}
