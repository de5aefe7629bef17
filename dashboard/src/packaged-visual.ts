import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { strFromU8, unzipSync } from 'fflate';
import { jsonText } from './schema.ts';

/** The packaged visual, unzipped. */
export interface PackagedVisual {
  readonly guid: string;
  readonly version: string;
  /** Its files by path, as a report holds them. */
  readonly files: ReadonlyMap<string, string>;
}

/** Where `pnpm visual:package` leaves the package. */
export const PACKAGE_PATH = resolve(import.meta.dirname, '../../visual/dist/tidemark.pbiviz');

/**
 * Reads a `.pbiviz`. Its JSON is written anew, so that equal content gives equal text.
 * @throws UserError `no-packaged-visual` or `invalid-packaged-visual`.
 */
export async function readPackagedVisual(path = PACKAGE_PATH): Promise<PackagedVisual> {
  const zip = await readFile(path).catch((cause) => {
    throw new UserError('no-packaged-visual', `no packaged visual at ${path}; make it with pnpm visual:package`, {
      cause,
    });
  });
  const files = new Map<string, string>();
  try {
    for (const [name, bytes] of Object.entries(unzipSync(new Uint8Array(zip)))) {
      if (name.endsWith('.json')) files.set(name, jsonText(JSON.parse(strFromU8(bytes))));
    }
    const manifest = files.get('package.json');
    if (manifest === undefined) throw new Error('no package.json');
    const { guid, version } = JSON.parse(manifest).visual;
    if (!files.has(`resources/${guid}.pbiviz.json`)) throw new Error(`no resources/${guid}.pbiviz.json`);
    return { guid, version, files };
  } catch (cause) {
    throw new UserError('invalid-packaged-visual', `not a package of a Power BI visual: ${path} (${cause})`, { cause });
  }
}
