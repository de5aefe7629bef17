import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';

/** What is inside a `.pbiviz`: the code that Power BI would run. */
export interface VisualPackage {
  readonly guid: string;
  readonly apiVersion: string;
  readonly js: string;
  readonly css: string;
  readonly capabilities: Capabilities;
  /** By locale, by key. */
  readonly stringResources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Size of the file that was read, in bytes. */
  readonly bytes: number;
}

/** The parts of capabilities.json that the host page goes by. */
export interface Capabilities {
  readonly dataRoles: readonly { readonly name: string; readonly kind: string }[];
  readonly objects: Readonly<Record<string, { readonly properties: Readonly<Record<string, unknown>> }>>;
}

/** The visual inside a `.pbiviz`. @throws Error when it holds no visual. */
export async function readPackage(path: string): Promise<VisualPackage> {
  const zip = await readFile(path);
  const files = unzipSync(zip);
  const name = Object.keys(files).find((file) => /^resources\/.+\.pbiviz\.json$/.test(file));
  if (name === undefined) throw new Error(`no visual inside ${path}; got ${Object.keys(files).join(', ')}`);
  return visualOf(strFromU8(files[name] as Uint8Array), zip.byteLength);
}

const CUSTOM_VISUALS = resolve(import.meta.dirname, '../../dashboard/Tidemark.Report/CustomVisuals');

/** The packaged visual that is committed with the dashboard; a test holds it against the visual's sources. */
export async function readCommittedPackage(): Promise<VisualPackage> {
  const [guid] = await readdir(CUSTOM_VISUALS);
  if (guid === undefined) throw new Error(`no visual in ${CUSTOM_VISUALS}; make it with pnpm dashboard:build`);
  const text = await readFile(join(CUSTOM_VISUALS, guid, `resources/${guid}.pbiviz.json`), 'utf8');
  return visualOf(text, Buffer.byteLength(text));
}

function visualOf(json: string, bytes: number): VisualPackage {
  const parsed = JSON.parse(json);
  return {
    guid: parsed.visual.guid,
    apiVersion: parsed.apiVersion,
    js: parsed.content.js,
    css: parsed.content.css,
    capabilities: parsed.capabilities,
    stringResources: parsed.stringResources,
    bytes,
  };
}
