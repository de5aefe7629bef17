import {
  decimalsOf,
  type Explanation,
  explainIncident,
  REFERENCE_WEEKS,
  type SoldBucket,
  topContributions,
} from '@tidemark/shared/detection';
import { createGrid, zoneClock } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { readSales, type StoredSales } from '../store/counts.ts';
import type { Db } from '../store/db.ts';
import { troubledBuckets } from '../store/explanations.ts';
import { type LabelledIncident, memberVolumes } from '../store/incidents.ts';
import type { StoredSeries } from '../store/rows.ts';

/** Members of a group that its incidents are explained by: those that moved most with it. */
const MEMBERS = 12;
/** Longest part of an incident that is explained, in weeks: what lasts longer is compared with itself. */
const LONGEST_WEEKS = 8;

/** Why an incident is one, or why that cannot be told. */
export type Explained =
  | { readonly explanation: Explanation; readonly reason: null }
  | { readonly explanation: null; readonly reason: 'no-counts' | 'no-history' | 'refunds-series' };

/** The grid and clock of the merchants, and all their series. */
export interface ExplainSetting {
  readonly stepMs: number;
  readonly timeZone: string;
  readonly all: readonly StoredSeries[];
}

/** Explains one incident from what is stored: its buckets, and the weeks before without other troubles. */
export async function explainStored(db: Db, incident: LabelledIncident, setting: ExplainSetting): Promise<Explained> {
  const { all } = setting;
  const own = all.find(({ key }) => key === incident.series);
  if (own?.measure === 'refunds') return { explanation: null, reason: 'refunds-series' };
  if (!own || own.countedFrom === null) return { explanation: null, reason: 'no-counts' };
  const { perWeek } = createGrid(setting.stepMs);
  const start = Math.max(incident.start, incident.end - LONGEST_WEEKS * perWeek + 1);
  const from = start - REFERENCE_WEEKS * perWeek - 1;
  const members = await movedMembers(db, incident, all);
  const keys = [own, ...members].map(({ key }) => key);
  const sales = await readSales(
    db,
    keys.map((series) => ({ series, from, to: incident.end })),
  );
  const troubled = await troubledBuckets(db, keys, from, start - 1);
  const split = ({ key, measure }: StoredSeries) => {
    const spans = troubled.filter((one) => one.series === key && one.id !== incident.id);
    const isCalm = (bucket: number) => !spans.some((span) => span.start <= bucket && bucket <= span.end);
    const rows = sales.get(key) ?? [];
    return {
      buckets: rows.filter(({ bucket }) => bucket >= start).map((row) => soldOf(measure, row)),
      history: rows.filter(({ bucket }) => bucket < start && isCalm(bucket)).map((row) => soldOf(measure, row)),
    };
  };
  const parts = split(own);
  if (parts.buckets.length === 0) return { explanation: null, reason: 'no-counts' };
  const decimals = decimalsOf([...parts.history, ...parts.buckets].flatMap(({ gross, refunds }) => [gross, refunds]));
  const explanation = explainIncident(
    {
      side: incident.direction,
      length: incident.end - start + 1,
      ...parts,
      members: members.map((one) => ({ series: one.id, ...split(one) })),
      allMembers: own.members !== null && own.members.length > 0 && members.length === own.members.length,
      cause: incident.evidence?.cause ?? null,
      causeValue: incident.evidence?.causeValue ?? null,
      knowsRefunds: own.measure === 'gross' || (sales.get(own.key) ?? []).every(({ refunds }) => refunds !== null),
    },
    { stepMs: setting.stepMs, clock: zoneClock(setting.timeZone), decimals },
  );
  return explanation === null ? { explanation, reason: 'no-history' } : { explanation, reason: null };
}

/** The counted members of a group that moved most with it; none of a client. */
async function movedMembers(db: Db, incident: LabelledIncident, all: readonly StoredSeries[]): Promise<StoredSeries[]> {
  if (incident.members === null) return [];
  const names = JSON.parse(incident.members) as string[];
  const counted = all.filter(({ members, countedFrom }) => members === null && countedFrom !== null);
  const own = names.length === 0 ? counted : counted.filter(({ id }) => names.includes(id));
  if (own.length <= MEMBERS) return own;
  const asked = { ...incident, members: JSON.stringify(own.map(({ id }) => id)) };
  const volumes = (await memberVolumes(db, [asked])).get(incident.id) ?? [];
  const top = new Set(topContributions(incident.volume, volumes, MEMBERS).map(({ series }) => series));
  return own.filter(({ id }) => top.has(id));
}

/** What a bucket sold: of net money, what was given back is added again where it is known. */
function soldOf(measure: Measure, { value, refunds, ...counts }: StoredSales): SoldBucket {
  if (measure === 'gross') return { ...counts, gross: value, refunds: 0 };
  if (refunds === null) return { ...counts, gross: Math.max(0, value), refunds: Math.max(0, -value) };
  return { ...counts, gross: value + refunds, refunds };
}
