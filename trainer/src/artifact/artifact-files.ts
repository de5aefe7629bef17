import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactFiles, parseArtifact } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import type { Artifact } from '@tidemark/shared/forecasting';

/** Folder of the model inside a work folder. */
export function modelFolder(workFolder: string): string {
  return join(workFolder, 'model');
}

/** Writes `model.json` and `weights.bin` beside the old ones, then puts the new folder in their place. */
export async function writeArtifact(workFolder: string, artifact: Artifact): Promise<string> {
  const folder = modelFolder(workFolder);
  const fresh = `${folder}.new`;
  const old = `${folder}.old`;
  const { modelJson, weights } = artifactFiles(artifact);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, 'weights.bin'), weights);
  await writeFile(join(fresh, 'model.json'), modelJson);
  if (existsSync(folder)) {
    await rm(old, { recursive: true, force: true });
    await rename(folder, old);
  }
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
  return folder;
}

/**
 * The model of a work folder, also while another one is put in its place or where a killed run left it beside that.
 * @throws UserError `no-model` when nothing was trained, `invalid-model` when it cannot be read.
 */
export async function readArtifact(workFolder: string): Promise<Artifact> {
  const folder = modelFolder(workFolder);
  const files = (await readWhole(folder)) ?? (await readWhole(`${folder}.old`)) ?? (await readWhole(folder));
  if (files === null) throw new UserError('no-model', `no model in ${folder}; run \`trainer train\` first`);
  return parseArtifact(files);
}

/** Both files of one folder, whatever takes its place meanwhile; `null` where there is none. */
async function readWhole(folder: string): Promise<ReturnType<typeof artifactFiles> | null> {
  try {
    const before = await stat(folder);
    const [modelJson, weights] = await Promise.all([
      readFile(join(folder, 'model.json'), 'utf8'),
      readFile(join(folder, 'weights.bin')),
    ]);
    const { ino } = await stat(folder);
    return ino === before.ino ? { modelJson, weights } : readWhole(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  }
}
