import { join } from 'node:path';
import { type Figure, single } from '../../figure.ts';
import { serveTables } from './athena-tables.ts';
import { FAULTS } from './list.ts';
import { LAID, openLaboratory } from './run.ts';

const CALM_DAYS = 24;

/**
 * Injects every kind of fault into a service that was well, and counts those it tells of itself in time; then lets it run
 * undisturbed and counts what it tells all the same. Only its clock is put forward by hand: the rest is the real service
 * with its database, and its messages go over sockets.
 */
export async function benchFaults(folder: string): Promise<Figure[]> {
  const laboratory = await openLaboratory(CALM_DAYS);
  const tables = await serveTables(join(folder, 'tables'), laboratory.series, LAID);
  try {
    let told = 0;
    let slowest = 0;
    for (const fault of FAULTS) {
      const { what, tells, minutes, others } = await laboratory.run(fault, tables);
      const also = others.length > 0 ? `; also ${others.join(', ')}` : '';
      process.stderr.write(`${what}: ${minutes === null ? 'NOT TOLD' : `${tells} after ${minutes} min`}${also}\n`);
      if (minutes === null) continue;
      told++;
      slowest = Math.max(slowest, minutes);
    }
    const falsely = await laboratory.calm(CALM_DAYS);
    for (const line of falsely) process.stderr.write(`told on a calm day: ${line}\n`);
    return [
      single('api/faults-told', told, `of ${FAULTS.length}`, `≥ ${FAULTS.length}`),
      single('api/faults-told-slowest', slowest, 'min', '≤ 125'),
      single('api/faults-false', falsely.length, `in ${CALM_DAYS} days`, '0'),
    ];
  } finally {
    await laboratory.close();
    await tables.close();
  }
}
