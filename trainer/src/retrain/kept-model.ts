import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFolder, readArtifact } from '../artifact/artifact-files.ts';

/** Folder where a refused model is left for a person to look at. */
export const REFUSED = 'model-refused';

/** The work folder's model as it was, while a new one is being tried. */
export interface KeptModel {
  /** The new model stays. */
  forget(): Promise<void>;
  /** The new model goes to `model-refused`, the old one, if there was one, to its place. */
  putBack(): Promise<void>;
}

/**
 * Sets the work folder's model aside, so that a refused one leaves no trace where the other commands look.
 * @param inService version of the model in service; `null` where none is.
 */
export async function keepModel(work: string, inService: string | null): Promise<KeptModel> {
  const model = modelFolder(work);
  const kept = `${model}-before`;
  if (existsSync(kept)) await endEarlierRun(work, kept, inService);
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

/** A run that was broken off left a model that nobody decided on in the old one's place, unless it had published it. */
async function endEarlierRun(work: string, kept: string, inService: string | null): Promise<void> {
  const model = modelFolder(work);
  const version = await readArtifact(work).then(
    ({ metadata }) => metadata.modelVersion,
    () => null,
  );
  if (version !== null && version === inService) return rm(kept, { recursive: true, force: true });
  await rm(model, { recursive: true, force: true });
  await rename(kept, model);
}
