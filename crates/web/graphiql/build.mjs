// Bundles the page and its licences into assets/, compressed.

import { readFileSync, readdirSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const result = await build({
  entryPoints: ['page.jsx'],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: 'assets',
  jsx: 'automatic',
  format: 'iife',
  target: 'es2020',
  legalComments: 'none',
  loader: { '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl', '.svg': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
});

mkdirSync('assets', { recursive: true });
for (const file of result.outputFiles) {
  const name = file.path.endsWith('.css') ? 'graphiql.css.gz' : 'graphiql.js.gz';
  // Without its embedded fonts, which are most of the style sheet; the system's do.
  const isStyle = name.endsWith('.css.gz');
  const text = isStyle ? file.text.replace(/@font-face\s*\{[^}]*\}/g, '') : file.text;
  // No time in the header: the same sources give the same bytes.
  const packed = gzipSync(text, { level: 9 });
  packed.writeUInt32LE(0, 4);
  writeFileSync(`assets/${name}`, packed);
  console.log(`${name}: ${text.length} characters, ${packed.length} compressed`);
}

const packages = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const found = input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[0].replace(/\/$/, ''));
}
const notices = [...packages].sort().map((folder) => {
  const about = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const licence = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = licence && existsSync(`${folder}/${licence}`)
    ? readFileSync(`${folder}/${licence}`, 'utf8').trim()
    : `Licence: ${about.license}`;
  return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
});
writeFileSync(
  'assets/NOTICE',
  `graphiql.js.gz and graphiql.css.gz hold these packages, bundled by build.mjs.\n\n${notices.join('\n--------------------------------\n\n')}`,
);
console.log(`NOTICE: ${packages.size} packages`);
