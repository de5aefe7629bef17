import { mkdir, writeFile } from 'node:fs/promises';
import { openStage } from '../power-bi-host/harness.ts';
import { pictureOf, SCALE } from './pictures.ts';
import type { Scene } from './scene.ts';
import { SCENES } from './scenes.ts';
import { STORE_PICTURES, STORE_SCENES } from './store.ts';

// Takes the pictures of the store from the packaged visual; look at each before committing it.
const stage = await openStage();
try {
  const visual = await stage.open({}, SCALE);
  await visual.page.setViewportSize({ width: 1400, height: 800 });
  await mkdir(STORE_PICTURES, { recursive: true });
  // The first picture is thrown away: words are measured before its font has come.
  await pictureOf(visual, SCENES[0] as Scene);
  for (const scene of STORE_SCENES) {
    await writeFile(new URL(`${scene.name}.png`, STORE_PICTURES), await pictureOf(visual, scene));
    process.stderr.write(`${scene.name}\n`);
  }
  if (visual.complaints.length > 0) throw new Error(`the visual complains: ${visual.complaints.join('; ')}`);
} finally {
  await stage.close();
}
