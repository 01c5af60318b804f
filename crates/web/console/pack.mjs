// Packs uPlot as it is published, with its licence, into assets/.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const from = 'node_modules/uplot';
mkdirSync('assets', { recursive: true });
for (const [file, name] of [
  ['dist/uPlot.iife.min.js', 'uplot.js.gz'],
  ['dist/uPlot.min.css', 'uplot.css.gz'],
]) {
  const text = readFileSync(`${from}/${file}`);
  // No time in the header: the same source gives the same bytes.
  const packed = gzipSync(text, { level: 9 });
  packed.writeUInt32LE(0, 4);
  writeFileSync(`assets/${name}`, packed);
  console.log(`${name}: ${text.length} bytes, ${packed.length} compressed`);
}
const { name, version, license } = JSON.parse(readFileSync(`${from}/package.json`, 'utf8'));
const licence = readFileSync(`${from}/LICENSE`, 'utf8').trim();
writeFileSync(
  'assets/NOTICE',
  `uplot.js.gz and uplot.css.gz are from this package, packed by pack.mjs.\n\n${name} ${version} (${license})\n\n${licence}\n`,
);
