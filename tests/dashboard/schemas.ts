import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

/** Microsoft's schemas, kept beside the repository; elsewhere with `FABRIC_SCHEMAS`. */
const DIR = process.env.FABRIC_SCHEMAS ?? resolve(import.meta.dirname, '../../../shared/schemas/fabric');

export const schemasPresent = existsSync(DIR);

/** Validators by schema address, compiled when first asked for. */
export function fabricSchemas(): (address: string) => ValidateFunction | undefined {
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const path of globSync('**/*.json', { cwd: DIR })) {
    const address = `https://developer.microsoft.com/json-schemas/fabric/${path.split(sep).join('/')}`;
    const schema = JSON.parse(readFileSync(join(DIR, path), 'utf8'));
    // Some name themselves by another address than the one they are referred to by.
    ajv.addSchema({ ...schema, $id: address });
  }
  return (address) => ajv.getSchema(address);
}
