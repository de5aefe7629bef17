import type { OpenVisual } from '../power-bi-host/harness.ts';
import type { Scene } from './scene.ts';

/** Pixels per CSS pixel of every scene's picture. */
export const SCALE = 1;

/** Folder of the pictures that were looked at and approved. */
export const PICTURES = new URL('../../docs/visual/', import.meta.url);

/** Plays a scene in a fresh instance on an open page and takes its picture. */
export async function pictureOf(visual: OpenVisual, scene: Scene): Promise<Buffer> {
  await visual.send({ kind: 'create', host: { locale: 'en-US', ...scene.host } });
  const { width, height, view, now, keys = [] } = scene;
  await visual.update({ width, height, view, ...(now === undefined ? {} : { now }) });
  for (const { on, key } of keys) await visual.frame.locator(on).first().press(key);
  // What a key asks of the host is answered in a later task.
  if (keys.length > 0) await visual.frame.evaluate(() => new Promise((settled) => setTimeout(settled, 50)));
  return visual.picture();
}
