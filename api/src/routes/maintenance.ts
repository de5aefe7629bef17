import { z } from '@hono/zod-openapi';
import { nameSchema, utcText } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { MAINTENANCE_EFFECTS } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { oneOf } from '../http/parameters.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { deleteMaintenance, putMaintenance, readMaintenance, type StoredMaintenance } from '../store/maintenance.ts';

const entry = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,80}$/, 'expected up to 80 letters, digits, dots, dashes and underscores'),
  /** The series it speaks of; `null` for all. */
  series: nameSchema.nullable().default(null),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  /** `mute`: no alarms; `widen`: limits are judged `factor` times as far from the median. */
  effect: oneOf(MAINTENANCE_EFFECTS),
  factor: z.number().min(1).max(100).default(1),
  reason: z.string().max(500).default(''),
});

/**
 * Maintenance windows and known events. They hold for all buckets they overlap: verdicts that were made already are made
 * again, against the same bands, and the change is kept.
 */
export function addMaintenance(app: App, deps: AppDeps): void {
  const stored = named(entry, 'Maintenance');
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/maintenance',
      scope: 'read',
      summary: 'Calendar entries that mute alarms or widen what is judged, whenever they were added',
      gives: { 'application/json': z.strictObject({ rows: z.array(stored) }) },
    },
    async (c) => c.json({ rows: (await readMaintenance(deps.db)).map(entryOf) }),
  );
  addRoute(
    app,
    {
      method: 'put',
      path: '/v1/maintenance',
      scope: 'admin',
      summary: 'Adds a calendar entry, or replaces the one of the same id',
      body: { type: 'application/json', schema: stored },
      gives: { 'application/json': stored },
    },
    async (c, { body }) => {
      const [from, to] = [Date.parse(body.from), Date.parse(body.to)];
      if (to <= from) {
        throw new UserError(
          'invalid-interval',
          `invalid maintenance "${body.id}": it ends (${body.to}) before it begins (${body.from})`,
        );
      }
      const kept = { ...body, from, to };
      await putMaintenance(deps.db, kept, await stepOf(deps));
      return c.json(entryOf(kept));
    },
  );
  addRoute(
    app,
    {
      method: 'delete',
      path: '/v1/maintenance',
      scope: 'admin',
      summary: 'Removes a calendar entry',
      query: { id: z.string().min(1).max(80) },
      gives: { 'application/json': z.strictObject({ deleted: z.string() }) },
    },
    async (c, { query }) => {
      if (!(await deleteMaintenance(deps.db, query.id, await stepOf(deps)))) {
        throw new UserError(
          'unknown-maintenance',
          `unknown maintenance: "${query.id}"; GET /v1/maintenance lists them`,
        );
      }
      return c.json({ deleted: query.id });
    },
  );
}

async function stepOf(deps: AppDeps): Promise<number> {
  return (await storedGrid(deps)).stepMs;
}

function entryOf(stored: StoredMaintenance): z.output<typeof entry> {
  return { ...stored, from: utcText(stored.from), to: utcText(stored.to) };
}
