// The two charts of a series: how many invocations, and how long they took. Drawn by uPlot.

import { el, moment, ms, number } from './elements.js';

const HEIGHT = 190;
// Round numbers: a count has no halves.
const STEPS = [...Array(8).keys()].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));
const dark = matchMedia('(prefers-color-scheme: dark)');

export class Charts {
  #counts = new Chart('Invocations', number, [
    ['all', '--line-all'], ['refused', '--line-warn'], ['failed', '--line-bad'],
  ], true);
  #times = new Chart('Time', ms, [
    ['p50', '--line-all'], ['p95', '--line-p95'], ['p99', '--line-p99'],
  ], false);

  element = el('div', { class: 'charts' }, this.#counts.element, this.#times.element);

  show({ series }) {
    const of = (key) => series.map((bucket) => bucket[key]);
    const at = series.map((bucket) => Date.parse(bucket.at) / 1000);
    // One bar of three colours: each part stands on the one after it.
    const failed = of('failed');
    const refused = of('refused').map((count, n) => count + failed[n]);
    this.#counts.show([at, of('invocations'), refused, failed]);
    this.#times.show([at, of('p50_ms'), of('p95_ms'), of('p99_ms')]);
  }

  leave() {
    this.#counts.leave();
    this.#times.leave();
  }
}

// Seconds only where they tell two marks apart.
function clock(_, marks, axis, space, step) {
  return marks.map((at) => moment(at * 1000).slice(0, step < 60 ? 8 : 5));
}

class Chart {
  #place = el('div', { class: 'plot' });
  #show;
  #lines;
  #isBars;
  #plot = null;
  #data = null;
  #watch = new ResizeObserver(() => this.#fit());
  #redraw = () => { this.#plot?.destroy(); this.#plot = null; if (this.#data) this.show(this.#data); };

  constructor(title, show, lines, isBars) {
    [this.#show, this.#lines, this.#isBars] = [show, lines, isBars];
    this.element = el('figure', { class: 'card' }, el('figcaption', {}, title), this.#place);
    this.#watch.observe(this.#place);
    dark.addEventListener('change', this.#redraw);
  }

  show(data) {
    this.#data = data;
    if (this.#plot) return this.#plot.setData(data);
    if (this.#place.clientWidth) this.#draw();
  }

  leave() {
    this.#watch.disconnect();
    dark.removeEventListener('change', this.#redraw);
    this.#plot?.destroy();
  }

  #fit() {
    if (!this.#data) return;
    if (!this.#plot) return this.#draw();
    this.#plot.setSize({ width: this.#place.clientWidth, height: HEIGHT });
  }

  #draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--edge'), width: 1 }, ticks: { show: false } };
    const { bars } = globalThis.uPlot.paths;
    const drawn = this.#isBars
      ? { paths: bars({ size: [0.7, 24] }), width: 0, points: { show: false } }
      : { width: 2, spanGaps: false, points: { show: true, size: 4 } };
    const lines = this.#lines.map(([label, name]) => ({
      ...drawn,
      label,
      stroke: colour(name),
      fill: this.#isBars ? colour(name) : undefined,
      value: (plot, value, line, at) => {
        if (value === null || value === undefined) return '–';
        const isOnTop = this.#isBars && label === 'refused';
        return this.#show(isOnTop ? value - plot.data[line + 1][at] : value);
      },
    }));
    this.#plot = new globalThis.uPlot({
      width: this.#place.clientWidth,
      height: HEIGHT,
      cursor: { y: false },
      scales: { y: { range: (_, least, most) => [0, Math.max(most ?? 0, 1) * 1.1] } },
      axes: [{ ...axis, values: clock }, { ...axis, size: 62, incrs: STEPS, values: (_, values) => values.map((value) => this.#show(value).replace('.00 ', ' ').replace('.0 ', ' ')) }],
      series: [{ value: (_, at) => (at === null ? '–' : moment(at * 1000)) }, ...lines],
    }, this.#data, this.#place);
  }
}
