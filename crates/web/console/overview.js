// Every function and every endpoint.

import { Charts } from './charts.js';
import { cell, count, el, endpointLink, figures, moment, momentWithDay, ms, number, table } from './elements.js';

const NUMBERS = [
  ['Invocations', true], ['Failed', true], ['Refused', true], ['p50', true], ['p95', true], ['p99', true],
  ['Cold starts', true], ['Last', true],
];

const numbers = (row) => [
  cell(number(row.invocations), true),
  cell(count(row.failed, 'bad'), true),
  cell(count(row.refused, 'warn'), true),
  cell(ms(row.p50_ms), true),
  cell(ms(row.p95_ms), true),
  cell(ms(row.p99_ms), true),
  cell(count(row.cold_starts, 'cold'), true),
  cell(row.last_at ? moment(row.last_at) : '–', true),
];

export class Overview {
  #charts = new Charts();
  #figures = el('dl', { class: 'figures' });
  #functions = el('tbody');
  #endpoints = el('tbody');
  #reach = el('p', { class: 'quiet' });
  #wanted = el('input', { type: 'search', placeholder: 'Filter endpoints', 'aria-label': 'Filter endpoints', oninput: () => this.#list() });
  #last = null;

  element = el('div', { class: 'view' },
    el('h1', { class: 'unseen' }, 'Overview'),
    this.#figures,
    this.#charts.element,
    el('section', { class: 'card' }, table('Functions', [['Function', false], ...NUMBERS], this.#functions)),
    el('section', { class: 'card' }, this.#wanted, table('Endpoints', [['Endpoint', false], ...NUMBERS], this.#endpoints)),
    this.#reach);

  async look(ask) {
    this.#last = await ask('', {});
    const { total, functions, reaches_back_to, kept } = this.#last;
    this.#figures.replaceChildren(...figures(total));
    this.#charts.show(this.#last);
    this.#functions.replaceChildren(...functions.map((row) =>
      el('tr', {}, el('th', { scope: 'row' }, endpointLink({ function: row.function }, row.function)), numbers(row))));
    this.#list();
    this.#reach.textContent = reaches_back_to
      ? `Only the latest ${number(kept)} invocations are kept: these numbers reach back to ${momentWithDay(reaches_back_to)}.`
      : `${number(kept)} invocations since the server started.`;
  }

  leave() {
    this.#charts.leave();
  }

  #list() {
    if (!this.#last) return;
    const wanted = this.#wanted.value.trim().toLowerCase();
    const { endpoints, functions } = this.#last;
    const rows = endpoints.filter((row) => `${row.function} ${row.method} ${row.route}`.toLowerCase().includes(wanted));
    const name = (row) => [
      el('span', { class: 'method' }, row.method), ' ', row.route,
      functions.length > 1 ? el('span', { class: 'quiet' }, ` ${row.function}`) : null,
    ];
    const none = el('tr', {}, el('td', { colspan: '9', class: 'quiet' }, 'Nothing was asked for in this time.'));
    this.#endpoints.replaceChildren(...(rows.length === 0 ? [none] : rows.map((row) =>
      el('tr', {}, el('th', { scope: 'row' }, endpointLink(row, name(row))), numbers(row)))));
  }
}
