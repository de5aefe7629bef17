import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFolder } from '../artifact/artifact-files.ts';

/** Folder where a refused model is left for a person to look at. */
export const REFUSED = 'model-refused';

/** The work folder's model as it was, while a new one is being tried. */
export interface KeptModel {
  /** The new model stays. */
  forget(): Promise<void>;
  /** The new model goes to `model-refused`, the old one, if there was one, to its place. */
  putBack(): Promise<void>;
}

/** Sets the work folder's model aside, so that a refused one leaves no trace where the other commands look. */
export async function keepModel(work: string): Promise<KeptModel> {
  const model = modelFolder(work);
  const kept = `${model}-before`;
  await rm(kept, { recursive: true, force: true });
  if (existsSync(model)) {
    await cp(model, `${kept}.part`, { recursive: true });
    await rename(`${kept}.part`, kept);
  }
  return {
    forget: () => rm(kept, { recursive: true, force: true }),
    async putBack() {
      const refused = join(work, REFUSED);
      await rm(refused, { recursive: true, force: true });
      await rename(model, refused);
      if (existsSync(kept)) await rename(kept, model);
    },
  };
}
