import { UserError } from '@tidemark/shared/errors';
import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { examine, type Finding } from '../history/doctor.ts';
import { configOption, jsonOption } from './options.ts';
import { historyOptions, openSource, type SourceOptions } from './source-options.ts';

/** `trainer doctor`: what would go wrong with a fetch, before it does. */
export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'Look over credentials, tables, columns, signs and costs before fetching; one line each, with the remedy.',
  );
  return historyOptions(command)
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: SourceOptions & { config?: string; json?: boolean }) => {
      const config = loadConfig(options.config, options.history);
      const source = await openSource(options, config);
      const findings: Finding[] = [];
      try {
        for await (const found of examine(source, config, new AbortController().signal)) {
          findings.push(found);
          process.stdout.write(options.json ? `${JSON.stringify({ event: 'check', ...found })}\n` : line(found));
        }
      } finally {
        await source.close();
      }
      const count = (state: Finding['state']) => findings.filter((found) => found.state === state).length;
      const result = { stage: 'doctor', ok: count('ok'), warn: count('warn'), fail: count('fail') };
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
      if (result.fail > 0) throw new UserError('not-ready', `${result.fail} of ${findings.length} checks failed`);
    });
}

const MARKS = { ok: '✔', warn: '!', fail: '✘' };

function line({ check, state, says }: Finding): string {
  return `${MARKS[state]} ${check.padEnd(30)} ${says}\n`;
}
