import { join } from 'node:path';
import { athenaSource, parseAthena } from '@tidemark/api/testing/scoring';
import type { SimulationOptions } from '@tidemark/api/testing/simulation';
import type { Series } from '@tidemark/shared/forecasting';
import { openAthena } from '@tidemark/shared/warehouse/athena';
import { type Faults, NO_FAULTS } from '@tidemark/tools/athena-local/faults';
import { athenaSettingText, writeTables } from '@tidemark/tools/athena-local/made-up-tables';
import { serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK } from '@tidemark/tools/payments/fetching';

/** A warehouse of the clients' payments that fails when told to. */
export interface AthenaTables {
  /** Payments up to the end of the series, with what fails as last told. */
  readonly source: NonNullable<SimulationOptions['source']>;
  /** Payments up to the bucket at which faults are injected, and none after. */
  readonly ending: NonNullable<SimulationOptions['source']>;
  disturb(faults: Partial<Faults>): void;
  close(): Promise<void>;
}

/** How long one read of it may take, in real time. */
const TIMEOUT_MS = 1_500;
const { seed: _, ...CALM } = NO_FAULTS;

/** Serves the tables of some series by the local Athena; `endsAt` is the number of buckets that the ending ones have. */
export async function serveTables(folder: string, series: readonly Series[], endsAt: number): Promise<AthenaTables> {
  const setting = parseAthena(athenaSettingText());
  if (!setting) throw new Error('no setting');
  const serve = async (name: string, all: readonly Series[]) => {
    await writeTables(join(folder, name), all);
    const athena = await serveAthena(join(folder, name), { faults: { seed: 20_261_128 } });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const access = { region: 'us-east-1', credentials, endpoint: athena.url };
    return { athena, source: athenaSource(openAthena({ ...setting, access }), setting.tables, TIMEOUT_MS, BRISK) };
  };
  const whole = await serve('whole', series);
  const cut = await serve(
    'ending',
    series.map((one) => ({ ...one, values: one.values.slice(0, endsAt), states: one.states.slice(0, endsAt) })),
  );
  return {
    source: whole.source,
    ending: cut.source,
    disturb: (faults) => whole.athena.disturb({ ...CALM, ...faults }),
    async close() {
      await whole.athena.close();
      await cut.athena.close();
    },
  };
}
