import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';

/** Microsoft's checks of Power BI projects, at the versions they were tried at. */
const PACKAGES = {
  '@microsoft/powerbi-report-authoring-cli': '0.4.0',
  // Its licence allows developing and testing, not a place in a product: it is installed here and nowhere else.
  '@microsoft/powerbi-modeling-mcp': '0.5.0-beta.13',
};
/** Named as a dependency of the first, not in the registry, and not needed to validate. */
const ABSENT = '@microsoft/powerbi-desktop-bridge-cli';

/** Where the installed checks are. */
export interface PowerBiTools {
  /** Script of the report validator. */
  readonly validator: string;
  /** Program of the model library; `null` where there is none for this machine. */
  readonly modelLibrary: string | null;
}

/**
 * Installs Microsoft's checks into a folder, by npm.
 * @returns `null` with the reason where npm cannot.
 */
export async function installPowerBiTools(
  folder: string,
): Promise<{ readonly tools: PowerBiTools } | { readonly missing: string }> {
  const stub = join(folder, 'stub');
  await mkdir(stub, { recursive: true });
  await writeFile(
    join(stub, 'package.json'),
    JSON.stringify({ name: ABSENT, version: '1.0.0', type: 'module', exports: './index.js' }),
  );
  await writeFile(join(stub, 'index.js'), '');
  const dependencies = { ...PACKAGES, [ABSENT]: 'file:./stub' };
  const overrides = { [ABSENT]: 'file:./stub' };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
  const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    shell: platform() === 'win32',
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
  });
  if (status !== 0) return { missing: `npm install failed: ${(stderr ?? '').split('\n')[0] || 'no npm'}` };
  const validator = join(folder, 'node_modules/@microsoft/powerbi-report-authoring-cli/dist/cli.js');
  await writeFile(join(stub, 'index.js'), stubOf(await readFile(validator, 'utf8')));
  const program = platform() === 'win32' ? 'powerbi-modeling-mcp.exe' : 'powerbi-modeling-mcp';
  const modelLibrary = join(
    folder,
    `node_modules/@microsoft/powerbi-modeling-mcp-${platform()}-${arch()}/dist/${program}`,
  );
  const found = await chmod(modelLibrary, 0o755).then(
    () => true,
    () => false,
  );
  return { tools: { validator, modelLibrary: found ? modelLibrary : null } };
}

/** A module with every name that the validator imports of the absent package. */
function stubOf(script: string): string {
  const imports = script.matchAll(/import \{([^}]*)\} from "@microsoft\/powerbi-desktop-bridge-cli"/g);
  const names = [...imports].flatMap(([, list = '']) =>
    list.split(',').map((one) => one.trim().split(' as ')[0] ?? ''),
  );
  return [...new Set(names)]
    .filter(Boolean)
    .map((name) => `export const ${name} = () => [];\n`)
    .join('');
}
