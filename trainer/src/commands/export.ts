import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { createForecaster } from '@tidemark/shared/forecasting';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readModelAndSeries } from '../artifact/model-and-series.ts';
import { replay } from '../export/replay.ts';
import { FORMATS, type Format, TABLE_NAMES, writeTables } from '../export/tables.ts';
import { showProgress } from '../progress.ts';
import { servedSeries } from '../training/served-series.ts';
import { jsonOption, workOption } from './options.ts';
import { print, seriesOption } from './series-option.ts';

interface ExportOptions {
  readonly work: string;
  readonly out?: string;
  readonly format: Format;
  readonly weeks: number;
  readonly series?: string[];
  readonly json?: boolean;
}

/** `trainer export`: bands, verdicts and incidents as files for other tools. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Write bands, verdicts and incidents of the last weeks as files, replayed as in service.')
    .addOption(workOption())
    .option('--out <folder>', 'where to write them; the folder export of the work folder unless given')
    .addOption(new Option('--format <name>', 'kind of files').choices([...FORMATS]).default('parquet'))
    .option('--weeks <number>', 'weeks before the end of the history', weeks, 8)
    .addOption(seriesOption('export'))
    .addOption(jsonOption())
    .action(exportTables);
}

async function exportTables({ work, out, format, weeks, series: wanted, json }: ExportOptions): Promise<void> {
  const { artifact, all } = await readModelAndSeries(work);
  const forecaster = createForecaster(artifact);
  const unknown = wanted?.find((id) => !all.some((one) => one.id === id));
  if (unknown !== undefined) {
    const known = all.map(({ id }) => `"${id}"`).join(', ');
    throw new UserError('unknown-series', `unknown series: "${unknown}"; prepared are ${known}`);
  }
  const chosen = wanted ? all.filter(({ id }) => wanted.includes(id)) : servedSeries(artifact, all);
  const folder = out ?? join(work, 'export');
  const progress = showProgress('export', chosen.length);
  function* replays() {
    for (const [done, series] of chosen.entries()) {
      yield replay(forecaster, series, weeks);
      progress.update(done + 1, 'series');
    }
  }
  const rows = await writeTables(folder, format, replays(), forecaster.modelVersion);
  progress.stop();
  const files = TABLE_NAMES.map((name) => join(folder, `${name}.${format}`));
  for (const [at, name] of TABLE_NAMES.entries()) {
    print(json, `${rows[name].toLocaleString('en-US')} ${name} in ${files[at]}\n`);
  }
  if (json) {
    const result = {
      stage: 'export',
      series: chosen.length,
      weeks,
      modelVersion: forecaster.modelVersion,
      rows,
      files,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

function weeks(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1_000)) throw new InvalidArgumentError('not a number above 0, up to 1000.');
  return value;
}
