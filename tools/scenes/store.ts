import { sceneNamed } from './scenes.ts';

/** Size of a picture in the store, in px. */
const STORE_SIZE = { width: 1366, height: 768 };

/** Folder of the pictures of the store. */
export const STORE_PICTURES = new URL('../../visual/store/screenshots/', import.meta.url);

const SHOWN = [
  ['1-alarm', 'incidents-beside'],
  ['2-clients', 'clients-8'],
  ['3-overview', 'clients-60'],
  ['4-two-years', 'two-years'],
  ['5-context', 'context'],
] as const;

/** The scenes the store shows, in its own size. */
export const STORE_SCENES = SHOWN.map(([name, scene]) => ({ ...sceneNamed(scene), name, ...STORE_SIZE }));
