import { askColumns, liveForecaster, openAthenaSource, parseAthena } from '@tidemark/api/testing/scoring';
import { openDatabaseFile } from '@tidemark/api/testing/store';

/** A process to be killed while it asks. Arguments: the database file, the time in epoch ms, and `TIDEMARK_ATHENA`. */
const [file = '', wall = '0', athena = ''] = process.argv.slice(2);
const setting = parseAthena(athena);
if (!setting) throw new Error('no setting');
const { db } = await openDatabaseFile(file, 'kill');
await askColumns({
  db,
  source: openAthenaSource(setting),
  clock: { kind: 'wall', wall: () => Number(wall) },
  log: () => {},
  live: liveForecaster(db),
});
