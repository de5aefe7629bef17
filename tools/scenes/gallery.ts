import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { openStage } from '../power-bi-host/harness.ts';
import { PICTURES, pictureOf, SCALE } from './pictures.ts';
import type { Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

// Takes every scene's picture, or those of the scenes named, and writes the gallery; look at each before committing it.
const named = process.argv.slice(2);
const unknown = named.filter((name) => SCENES.every((scene) => scene.name !== name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown scene: ${unknown.join(', ')}; accepted is ${SCENES.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
const stage = await openStage();
try {
  const visual = await stage.open({}, SCALE);
  await mkdir(PICTURES, { recursive: true });
  // The first picture is thrown away: words are measured before its font has come.
  await pictureOf(visual, SCENES[0] as Scene);
  for (const scene of SCENES.filter(({ name }) => named.length === 0 || named.includes(name))) {
    await writeFile(new URL(`${scene.name}.png`, PICTURES), await pictureOf(visual, scene));
    process.stderr.write(`${scene.name}\n`);
  }
  if (visual.complaints.length > 0) throw new Error(`the visual complains: ${visual.complaints.join('; ')}`);
} finally {
  await stage.close();
}
const names = new Set(SCENES.map((scene) => `${scene.name}.png`));
for (const file of await readdir(PICTURES)) if (!names.has(file)) await rm(new URL(file, PICTURES));

const sections = SCENES.map(
  ({ name, title, see, width }) =>
    `## ${title}\n\n${see}\n\n<img src="visual/${name}.png" width="${width}" alt="${title}: ${see}">`,
);
const page = `# The visual, scene by scene

Written by \`pnpm visual:gallery\` from the packaged visual in headless Chromium; the tests compare every picture
with these. Each scene says what a report author should see.

${sections.join('\n\n')}
`;
const file = new URL('../visual.md', PICTURES);
await writeFile(`${file.pathname}.part`, page);
await rename(`${file.pathname}.part`, file);
