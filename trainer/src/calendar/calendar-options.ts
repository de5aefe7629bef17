import { existsSync } from 'node:fs';
import { UserError } from '@tidemark/shared/errors';
import { type Command, Option } from 'commander';
import { type Config, eventsSchema, parseWith, paydaysSchema } from '../config.ts';
import { readJsonFile } from '../json-file.ts';

/** Options of `addCalendarOptions`; each overrides its entry in the configuration. */
export interface CalendarOptions {
  readonly country?: string;
  readonly region?: string;
  readonly paydays?: string;
  readonly events?: string;
  readonly calendar?: Config['calendar']['use'];
}

/** Options that say which days are special. */
export function addCalendarOptions(command: Command): Command {
  return command
    .option('--country <code>', 'use the public holidays of this country, such as GB')
    .option('--region <code>', 'and those of a region of it, such as ENG')
    .option('--paydays <days>', 'days of the month on which wages come, such as 15,last')
    .option(
      '--events <file>',
      'JSON list of known events: [{"name": "sale", "from": "2026-11-27", "to": "2026-11-30"}]',
    )
    .addOption(
      new Option(
        '--calendar <use>',
        'use special days only if held-out weeks are forecast no worse with them, always, or never',
      ).choices(['if-no-worse', 'always', 'never']),
    );
}

/**
 * The configured calendar with what was typed in place of it.
 * @throws UserError `invalid-config` naming the option and what is accepted, `config-not-found` for an absent file.
 */
export function calendarConfig(configured: Config['calendar'], typed: CalendarOptions): Config['calendar'] {
  const { country, region, paydays, events, calendar } = typed;
  return {
    ...configured,
    // A region belongs to its country.
    ...(country === undefined ? {} : { country, region: undefined }),
    ...(region === undefined ? {} : { region }),
    ...(paydays === undefined ? {} : { paydays: parseWith(paydaysSchema, daysOf(paydays), '--paydays') }),
    ...(events === undefined ? {} : { events: parseWith(eventsSchema, readEvents(events), events) }),
    ...(calendar === undefined ? {} : { use: calendar }),
  };
}

function daysOf(text: string): (number | string)[] {
  return text.split(',').map((day) => (/^\d+$/.test(day.trim()) ? Number(day) : day.trim()));
}

function readEvents(file: string): unknown {
  if (!existsSync(file)) throw new UserError('config-not-found', `no file of events: ${file}`);
  return readJsonFile(file);
}
