import { UserError } from '@tidemark/shared/errors';
import type { Proposal } from '@tidemark/shared/warehouse';
import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { writeProposals } from '../config-file.ts';
import type { Finding } from '../history/checks.ts';
import { examine } from '../history/doctor.ts';
import { configOption, jsonOption } from './options.ts';
import { historyOptions, openSource, type SourceOptions } from './source-options.ts';

interface DoctorOptions extends SourceOptions {
  readonly config?: string;
  readonly fix?: boolean;
  readonly json?: boolean;
}

/** One format is only seen once another is read: so many times a corrected configuration is looked over. */
const MOST_ROUNDS = 6;

/** `trainer doctor`: what would go wrong with a fetch, before it does. */
export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'Look over credentials, tables, columns, formats and costs before fetching; one line each, with the remedy.',
  );
  return historyOptions(command)
    .addOption(configOption())
    .option('--fix', 'write what is proposed into the configuration, and look again')
    .addOption(jsonOption())
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  for (let round = 1; ; round++) {
    const config = loadConfig(options.config, options.history);
    const findings = await lookOver(options, config);
    const proposals = findings.flatMap((found) => found.proposals ?? []);
    if (options.fix && proposals.length > 0 && round < MOST_ROUNDS) {
      const file = await writeProposals(proposals, options.config, options.history);
      report(options, { event: 'fixed', file, proposals }, `wrote ${list(proposals)} to ${file}; looking again\n\n`);
      continue;
    }
    const count = (state: Finding['state']) => findings.filter((found) => found.state === state).length;
    const result = { stage: 'doctor', ok: count('ok'), warn: count('warn'), fail: count('fail') };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else if (proposals.length > 0) process.stdout.write('trainer doctor --fix writes what is proposed\n');
    if (result.fail > 0) throw new UserError('not-ready', `${result.fail} of ${findings.length} checks failed`);
    return;
  }
}

async function lookOver(options: DoctorOptions, config: Config): Promise<Finding[]> {
  const findings: Finding[] = [];
  const tell = (found: Finding) => {
    findings.push(found);
    report(options, { event: 'check', ...found }, line(found));
  };
  let source: Awaited<ReturnType<typeof openSource>>;
  try {
    source = await openSource(options, config);
  } catch (error) {
    if (!(error instanceof UserError) || !OF_FILES.has(error.code)) throw error;
    tell({ check: 'files', state: 'fail', stops: true, says: error.message, ...proposalsOf(error) });
    return findings;
  }
  try {
    for await (const found of examine(source, new AbortController().signal)) tell(found);
  } catch (error) {
    // A file that breaks off a scan breaks off what follows, too.
    if (!(error instanceof UserError) || error.code !== 'unreadable-data') throw error;
    tell({ check: 'files', state: 'fail', stops: true, says: error.message });
  } finally {
    await source.close();
  }
  return findings;
}

/** Why a history folder is not opened: findings of a doctor, failures of any other command. */
const OF_FILES = new Set([
  'ambiguous-table',
  'unread-file',
  'unreadable-file',
  'unreadable-data',
  'unknown-encoding',
  'no-header',
]);

function proposalsOf(error: UserError): Pick<Finding, 'proposals'> {
  const { proposals } = error as { proposals?: readonly Proposal[] };
  return proposals ? { proposals } : {};
}

function report({ json }: DoctorOptions, event: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(event)}\n` : text);
}

function list(proposals: readonly Proposal[]): string {
  return proposals.map(({ key, value }) => `${key} ${JSON.stringify(value)}`).join(', ');
}

const MARKS = { ok: '✔', warn: '!', fail: '✘' };

function line({ check, state, says }: Finding): string {
  return `${MARKS[state]} ${check.padEnd(30)} ${says}\n`;
}
