import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '@tidemark/shared/errors';
import { CONTACT_OPTIONS, type Contacts, contactsOf } from './contacts.ts';
import { VISUAL_DIR, writeProject } from './project.ts';

/**
 * Writes the stand-alone repository that certification asks for: this visual with all its sources and a
 * `package-lock.json`, to be packaged with plain npm. Written to a temporary folder and renamed.
 * @param contacts whom the package names for help; placeholders where `null`
 * @throws UserError `invalid-arguments` when the folder is not empty
 */
export async function exportRepository(dir: string, contacts: Contacts | null = null): Promise<void> {
  const target = resolve(dir);
  if (existsSync(target) && (await readdir(target)).length > 0) {
    throw new UserError('invalid-arguments', `folder is not empty: ${target}; accepted is a new or an empty one`);
  }
  const draft = `${target}.part`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await writeProject(draft, contacts === null ? {} : { contacts });
  await cp(join(VISUAL_DIR, '../LICENSE'), join(draft, 'LICENSE'));
  await writeFile(join(draft, 'README.md'), README);
  await writeFile(join(draft, '.gitignore'), 'node_modules/\ndist/\n.tmp/\nwebpack.statistics.*\n');
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
}

const README = `# Tidemark

A Power BI visual: total payment volume against a learned minimum and maximum, with an alarm when it leaves them.

\`\`\`
npm ci
npm run package
\`\`\`

writes the packaged visual to \`dist/\`. \`npm run lint\` runs the Power BI visuals lint rules, \`npm audit --omit=dev\` looks
up what is inside the visual, \`npm audit\` the tools as well. The visual makes no
request of any kind; the one privilege it asks for is to export the rows the reader sees.
`;

const USAGE = `Usage: pnpm visual:export-repo <folder> [--support-url URL --repository-url URL --email ADDRESS]

Writes the visual as a repository of its own, to be packaged with plain npm, into a new or empty folder.
With the three contacts the package can be submitted; without them it names placeholders and is a draft.
To certify it, push that repository with a branch named certification at the commit of the package.
`;

async function main(args: readonly string[]): Promise<void> {
  const options = { ...CONTACT_OPTIONS, help: { type: 'boolean', short: 'h' } } as const;
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  const [dir, ...more] = positionals;
  if (values.help || dir === undefined || more.length > 0) {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 2;
    return;
  }
  const contacts = contactsOf({
    'support-url': values['support-url'],
    'repository-url': values['repository-url'],
    email: values.email,
  });
  await exportRepository(dir, contacts);
  const kind = contacts === null ? ' (a draft: its contacts are placeholders)' : '';
  process.stdout.write(`${resolve(dir)}: npm ci && npm run package${kind}\n`);
}

/** What a parser of arguments gives. @throws UserError in place of its own error */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new UserError('invalid-arguments', `${(cause as Error).message}\n${USAGE}`, { cause });
  }
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
