// One endpoint, or one function: its numbers, and its invocations one by one.

import { Charts } from './charts.js';
import { cell, el, figures, momentWithDay, moment, ms, number, outcome, table } from './elements.js';

export class Endpoint {
  #asked;
  #charts = new Charts();
  #figures = el('dl', { class: 'figures' });
  #rows = el('tbody');
  #more = el('p', { class: 'quiet' });
  #outcome = el('select', { 'aria-label': 'Outcome', onchange: () => this.#again?.() },
    ['', 'ok', 'refused', 'failed'].map((value) => el('option', { value }, value || 'every outcome')));
  #again = null;

  constructor(asked) {
    this.#asked = asked;
    const title = asked.route
      ? [el('span', { class: 'method' }, asked.method ?? ''), ' ', asked.route]
      : [asked.function];
    const columns = [['When', false], ['Outcome', false], ['Status', true], ['Took', true], ['Start', false], ['Database connection', false]];
    if (!asked.route) columns.splice(1, 0, ['Endpoint', false]);
    this.element = el('div', { class: 'view' },
      el('nav', { 'aria-label': 'Where you are' }, el('a', { href: '#/' }, '← Overview')),
      el('h1', {}, ...title, asked.route ? el('span', { class: 'quiet' }, ` ${asked.function ?? ''}`) : null),
      this.#figures,
      this.#charts.element,
      el('section', { class: 'card' }, this.#outcome, table('Invocations', columns, this.#rows), this.#more));
  }

  async look(ask) {
    this.#again = () => this.look(ask).catch(() => {});
    const listed = { ...this.#asked, outcome: this.#outcome.value };
    const [numbers, list] = await Promise.all([ask('', this.#asked), ask('/invocations', listed)]);
    this.#figures.replaceChildren(...figures(numbers.total));
    this.#charts.show(numbers);
    this.#rows.replaceChildren(...list.invocations.map((one) => this.#row(one)));
    const { length } = list.invocations;
    this.#more.textContent = list.matching > length
      ? `The latest ${number(length)} of ${number(list.matching)}.`
      : length === 0 ? 'There was none in this time.' : '';
  }

  leave() {
    this.#charts.leave();
  }

  #row(one) {
    const isToday = new Date(one.at).toDateString() === new Date().toDateString();
    const when = isToday ? moment(one.at) : momentWithDay(one.at);
    const link = one.id ? el('a', { href: `#/invocation/${encodeURIComponent(one.id)}` }, when) : when;
    const endpoint = `${one.method ?? ''} ${one.route ?? ''}`.trim() || '–';
    return el('tr', {},
      el('th', { scope: 'row' }, link),
      this.#asked.route ? null : cell(endpoint),
      cell(outcome(one.outcome)),
      cell(one.status === null ? '–' : String(one.status), true),
      cell(ms(one.took_ms), true),
      cell(one.cold ? el('span', { class: 'badge cold' }, 'cold') : el('span', { class: 'quiet' }, 'warm')),
      cell(one.database_connection ?? el('span', { class: 'none' }, '–')));
  }
}
