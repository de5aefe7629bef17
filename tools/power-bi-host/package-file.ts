import { readFile } from 'node:fs/promises';
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
  /** Size of the file, in bytes. */
  readonly bytes: number;
}

/** The parts of capabilities.json that the host page goes by. */
export interface Capabilities {
  readonly dataRoles: readonly { readonly name: string; readonly kind: string }[];
  readonly objects: Readonly<Record<string, { readonly properties: Readonly<Record<string, unknown>> }>>;
}

/** Unzips a packaged visual. @throws Error when it holds no visual. */
export async function readPackage(path: string): Promise<VisualPackage> {
  const zip = await readFile(path);
  const files = unzipSync(zip);
  const name = Object.keys(files).find((file) => /^resources\/.+\.pbiviz\.json$/.test(file));
  if (name === undefined) throw new Error(`no visual inside ${path}; got ${Object.keys(files).join(', ')}`);
  const parsed = JSON.parse(strFromU8(files[name] as Uint8Array));
  return {
    guid: parsed.visual.guid,
    apiVersion: parsed.apiVersion,
    js: parsed.content.js,
    css: parsed.content.css,
    capabilities: parsed.capabilities,
    stringResources: parsed.stringResources,
    bytes: zip.byteLength,
  };
}
