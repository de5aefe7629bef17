import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { committedModel } from '../dashboard/project-files.ts';
import { installPowerBiTools } from './install.ts';
import { loadModel } from './model-library.ts';

const DASHBOARD = resolve(import.meta.dirname, '../../dashboard');

/** What is wrong with the report by Microsoft's validator, a line each. */
function faultsOfReport(validator: string): string[] {
  // Its schemas are looked up on the web; our own tests hold the files to stored ones.
  const report = join(DASHBOARD, 'Tidemark.Report');
  const { stdout, stderr } = spawnSync(process.execPath, [validator, 'validate', '--no-schema', report], {
    encoding: 'utf8',
  });
  if (!stdout) throw new Error(stderr);
  const { data } = JSON.parse(stdout) as {
    data: { diagnostics?: Record<string, { severity: string; items: readonly { message: string }[] }> };
  };
  return Object.entries(data.diagnostics ?? {}).flatMap(([code, { severity, items }]) =>
    items.map(({ message }) => `${severity} ${code}: ${message}`),
  );
}

/** What the model library has not read though it is in the model, a line each. */
async function faultsOfModel(program: string): Promise<string[]> {
  const { tables, objects } = committedModel();
  const expected = {
    tables: tables.length,
    measures: tables.flatMap(({ children }) => children.filter(({ kind }) => kind === 'measure')).length,
    relationships: objects.filter(({ kind }) => kind === 'relationship').length,
    roles: objects.filter(({ kind }) => kind === 'role').length,
    cultures: objects.filter(({ kind }) => kind === 'cultureInfo').length,
  };
  const loaded = await loadModel(program, join(DASHBOARD, 'Tidemark.SemanticModel/definition'));
  process.stdout.write(`model library: ${JSON.stringify(loaded)}\n`);
  return (Object.keys(expected) as (keyof typeof expected)[])
    .filter((what) => loaded[what] !== expected[what])
    .map((what) => `${loaded[what]} ${what} of ${expected[what]}`);
}

const folder = await mkdtemp(join(tmpdir(), 'tidemark-power-bi-'));
try {
  const found = await installPowerBiTools(folder);
  if ('missing' in found) {
    process.stdout.write(`skipped: report validator and model library (${found.missing})\n`);
  } else {
    const { validator, modelLibrary } = found.tools;
    const faults = faultsOfReport(validator);
    process.stdout.write(`report validator: ${faults.length} findings\n`);
    if (modelLibrary === null) process.stdout.write('skipped: model library (none for this machine)\n');
    else faults.push(...(await faultsOfModel(modelLibrary)));
    for (const fault of faults) process.stdout.write(`${fault}\n`);
    process.exitCode = faults.length > 0 ? 1 : 0;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
