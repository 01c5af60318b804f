// Elements and the words in them. Text is set as text, never as markup.

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const number = (value) => value.toLocaleString('en');

export function ms(value) {
  if (value === null || value === undefined) return '–';
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 100) return `${Math.round(value)} ms`;
  return `${value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

export const moment = (date) =>
  new Date(date).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const precisely = (date) =>
  new Date(date).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

export const momentWithDay = (date) =>
  new Date(date).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

// A count that is nothing to look at while it is 0.
export const count = (value, kind) =>
  el('span', { class: value > 0 ? kind : 'none' }, number(value));

export const outcome = (name) => {
  const kinds = { ok: 'good', allowed: 'good', failed: 'bad' };
  return el('span', { class: `badge ${kinds[name] ?? 'warn'}` }, name);
};

// A table with its header; `columns` are [title, is it a number].
export function table(label, columns, body) {
  const head = columns.map(([title, isNumber]) =>
    el('th', { scope: 'col', class: isNumber ? 'number' : undefined }, title));
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label },
    el('table', {}, el('caption', {}, label), el('thead', {}, el('tr', {}, head)), body));
}

export const cell = (value, isNumber = false) => el('td', { class: isNumber ? 'number' : undefined }, value);

export const endpointLink = (row, text) => {
  const query = new URLSearchParams();
  for (const key of ['function', 'method', 'route']) if (row[key]) query.set(key, row[key]);
  return el('a', { href: `#/endpoint?${query}` }, text);
};

// The figures of some invocations.
export function figures(numbers) {
  const one = (label, value, kind) => el('div', { class: 'figure' }, el('dt', {}, label), el('dd', { class: kind }, value));
  const figures = [
    one('Invocations', number(numbers.invocations)),
    one('Failed', number(numbers.failed), numbers.failed ? 'bad' : undefined),
    one('Refused', number(numbers.refused), numbers.refused ? 'warn' : undefined),
    one('p50', ms(numbers.p50_ms)),
    one('p95', ms(numbers.p95_ms)),
    one('p99', ms(numbers.p99_ms)),
    one('Cold starts', number(numbers.cold_starts)),
  ];
  if (numbers.new_connections + numbers.existing_connections > 0) {
    const used = numbers.new_connections + numbers.existing_connections;
    figures.push(one('New connections', `${number(numbers.new_connections)} of ${number(used)}`));
  }
  return figures;
}
