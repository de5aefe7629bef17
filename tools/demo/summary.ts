import { styleText } from 'node:util';
import { type AlarmRow, alarmRow } from '@tidemark/shared/contract';
import { WORST_FIRST } from '@tidemark/shared/vocabulary';
import Table from 'cli-table3';

/** Incidents shown in the closing table. */
const SHOWN = 10;

/** All incidents the API knows, open ones first, then the newest. */
export async function readAlarms(url: string): Promise<AlarmRow[]> {
  const response = await fetch(`${url}/v1/alarms`);
  if (!response.ok) throw new Error(`/v1/alarms answers ${response.status}: ${await response.text()}`);
  const { rows } = (await response.json()) as { rows: unknown[] };
  return rows
    .map((row) => alarmRow.parse(row))
    .sort((a, b) => Number(b.status === 'open') - Number(a.status === 'open') || b.start.localeCompare(a.start));
}

interface Summary {
  readonly alarms: readonly AlarmRow[];
  readonly evaluated: Readonly<Record<string, unknown>>;
  readonly history: string | undefined;
  readonly work: string;
}

/** The demo's last words, on standard error: what was found, in one table. */
export function printSummary({ alarms, evaluated, history, work }: Summary): void {
  const open = alarms.filter(({ status }) => status === 'open');
  const table = new Table({
    head: ['', 'series', 'since (local)', 'until', 'severity', 'volume', 'what happened'],
    colAligns: ['left', 'left', 'left', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const alarm of alarms.slice(0, SHOWN)) {
    table.push([
      alarm.direction === 'low' ? '▼' : '▲',
      alarm.series,
      alarm.start_local.replace('T', ' ').slice(0, 16),
      alarm.status === 'open' ? 'now' : alarm.end_local.replace('T', ' ').slice(0, 16),
      styled(alarm),
      (alarm.money ?? alarm.volume).toLocaleString('en-US', { maximumFractionDigits: 0, signDisplay: 'always' }),
      alarm.where === null ? alarm.sentence : `${alarm.sentence}; ${alarm.where}`,
    ]);
  }
  const lines = [
    '',
    `${alarms.length} alarms in the scored weeks, ${open.length} of them open`,
    alarms.length > 0 ? table.toString() : '',
    alarms.length > SHOWN ? `… and ${alarms.length - SHOWN} more: GET /v1/alarms` : '',
    alarms[0] ? `Why, by cause and part: /incidents/${alarms[0].id} of the running service.` : '',
    backtestLine(evaluated),
    history ? `History: ${history}` : 'History: simulated; point --history at your own.',
    `Everything made is in ${work}`,
  ];
  process.stderr.write(`${lines.filter((line, i) => line || i === 0).join('\n')}\n`);
}

function backtestLine({ judged, reason, mase, maseBaseline, coverage, coverageNominal }: Summary['evaluated']): string {
  if (judged === 0) return `No backtest: ${reason}.`;
  const inside = `${(100 * (coverage as number)).toFixed(1)} %`;
  return (
    `Backtest: MASE ${mase} against ${maseBaseline} for last week's value; ` +
    `${inside} of actuals inside the ${100 * (coverageNominal as number)} % band.`
  );
}

function styled({ severity }: AlarmRow): string {
  if (severity === WORST_FIRST.at(-1)) return severity;
  return styleText(severity === WORST_FIRST[0] ? ['bold', 'red'] : 'yellow', severity);
}
