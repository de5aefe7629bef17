import type powerbi from 'powerbi-visuals-api';
import { pointsOf } from './incident-points.ts';
import type { DrawnIncident, Point } from './judged.ts';
import type { Panel } from './view-model.ts';

/** Wells that tell in words what happened. */
export const DETAIL_ROLES = ['cause', 'contributors', 'note', 'acknowledged'] as const;
export type DetailRole = (typeof DETAIL_ROLES)[number];

/** What a well says of a row, as text; `null` where it says nothing. */
export function detailAt(
  categorical: powerbi.DataViewCategorical | undefined,
  group: number,
  index: number,
  role: DetailRole,
): string | null {
  const column = categorical?.values?.grouped()[group]?.values.find(({ source }) => source.roles?.[role]);
  const value = index < 0 ? null : (column?.values[index] ?? null);
  const text = value === null ? '' : String(value).trim();
  return text === '' ? null : text;
}

/** What the wells say of an incident: of each well the newest word among its buckets. */
export function detailsOf(
  categorical: powerbi.DataViewCategorical | undefined,
  { series }: Panel,
  incident: DrawnIncident,
): Record<DetailRole, string | null> {
  const own = pointsOf(series, incident)
    .filter(({ index }) => index >= 0)
    .reverse();
  const reason = own.find((point) => point.reason)?.reason ?? null;
  const newest = (role: DetailRole) => {
    for (const { index } of own) {
      const told = detailAt(categorical, series.group, index, role);
      if (told !== null) return told;
    }
    return null;
  };
  return {
    cause: newest('cause') ?? reason,
    contributors: newest('contributors'),
    note: newest('note'),
    acknowledged: newest('acknowledged'),
  };
}

/** What the well Note says of a point; always nothing where no note is bound, without looking at any row. */
export function noteReader(
  categorical: powerbi.DataViewCategorical | undefined,
): (panel: Panel, point: Point) => string | null {
  if (!categorical?.values?.some(({ source }) => source.roles?.note)) return () => null;
  return (panel, point) => detailAt(categorical, panel.series.group, point.index, 'note');
}
