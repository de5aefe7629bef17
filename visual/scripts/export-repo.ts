import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '@tidemark/shared/errors';
import { CONTACT_OPTIONS, type Contacts, contactsOf } from './contacts.ts';
import { VISUAL_DIR, writeProject } from './project.ts';
import { writeSampleReport } from './sample-report.ts';

/**
 * Writes the stand-alone repository that certification asks for: this visual with all its sources and a
 * `package-lock.json`, to be packaged with plain npm, the words and pictures of the store, and a sample report. Written to
 * a temporary folder and renamed.
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
  await cp(join(VISUAL_DIR, 'store'), join(draft, 'store'), { recursive: true });
  const { visual } = JSON.parse(await readFile(join(draft, 'pbiviz.json'), 'utf8'));
  await writeSampleReport(join(draft, 'sample'), visual.guid);
  await writeFile(join(draft, 'README.md'), README);
  await writeFile(
    join(draft, '.gitignore'),
    'node_modules/\ndist/\n.tmp/\nwebpack.statistics.*\nsample/**/CustomVisuals/\nsample/**/.pbi/\n',
  );
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

| folder    | what it holds                                                                              |
| --------- | ------------------------------------------------------------------------------------------ |
| \`store/\`  | how to submit and certify, listing, pictures, privacy, licence for end users               |
| \`sample/\` | a report with rows of its own; \`npm run sample\` puts the package of \`dist/\` into it      |
`;

const USAGE = `Usage: pnpm visual:export-repo <folder> [--support-url URL --repository-url URL --email ADDRESS]

Writes the visual as a repository of its own, to be packaged with plain npm, into a new or empty folder.
With the three contacts the package can be submitted; without them it names placeholders and is a draft.
How to submit and certify it is in its store/CERTIFICATION.md; its sample/ holds a report for the store, its store/
pictures, listing, privacy and licence for end users.
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
