import { createRandom } from '@tidemark/shared/forecasting';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killRun } from '../testing/kill.ts';
import { type PostgresServer, postgresServer, WANTS_POSTGRES } from '../testing/postgres-server.ts';
import { soakTimes } from '../testing/soak.ts';

const HOUR_MS = 3_600_000;
const nothing = { lost: 0, doubled: 0, rewritten: 0, different: 0 };

// `pnpm test:soak` kills two hundred times.
test(
  'a service killed in the middle of cycles loses nothing, doubles no page and rewrites no band',
  async () => {
    const kills = soakTimes(4, 200);
    const random = createRandom(20_260_101);
    const report = await killRun({ kills, buckets: 10 + 3 * kills, random: () => random.uniform() });
    expect(report).toMatchObject({ kills, ...nothing });
    expect(report.storms).toBeGreaterThan(0);
  },
  HOUR_MS,
);

describe.runIf(WANTS_POSTGRES)('on a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await postgresServer();
  });
  afterAll(() => server?.close());

  test.each([
    ['one process that is killed', 1],
    ['two processes that score together and are killed', 2],
  ])(
    '%s: nothing lost, doubled or rewritten',
    async (_, processes) => {
      const kills = soakTimes(8, 200);
      const random = createRandom(20_260_102);
      const report = await killRun({
        kills,
        buckets: 10 + 3 * kills,
        random: () => random.uniform(),
        processes,
        createDatabase: () => server.createDatabase(),
      });
      expect(report).toMatchObject({ kills, ...nothing });
      expect(report.storms).toBeGreaterThan(0);
    },
    HOUR_MS,
  );
});
