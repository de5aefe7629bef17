import { nameInText } from '@tidemark/shared/contract/name-in-text';
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
  role: DetailRole | 'link',
): string | null {
  const column = categorical?.values?.grouped()[group]?.values.find(({ source }) => source.roles?.[role]);
  const value = index < 0 ? null : (column?.values[index] ?? null);
  const text = value === null ? '' : String(value).trim();
  if (text === '') return null;
  return role === 'contributors' ? contributorsInText(text) : text;
}

/** Names with their amounts, `name amount; name amount`: a name from right to left would take the sign of its amount along. */
function contributorsInText(text: string): string {
  return text
    .split(';')
    .map((one) => one.trim().replace(/^(.*\S)(\s\S*\d\S*)$/u, (_, name, amount) => nameInText(name) + amount))
    .filter((one) => one !== '')
    .join('; ');
}

/** What is known of an incident in words. */
export interface IncidentDetails extends Record<DetailRole, string | null> {
  /** What a detector says, where the cause says something else; `null` otherwise. */
  readonly reason: string | null;
  /** Address of its page; `null` where none is bound, or none that a browser may open. */
  readonly link: string | null;
}

/** What the wells say of an incident: of each well the newest word among its buckets. */
export function detailsOf(
  categorical: powerbi.DataViewCategorical | undefined,
  { series }: Panel,
  incident: DrawnIncident,
): IncidentDetails {
  const own = pointsOf(series, incident)
    .filter(({ index }) => index >= 0)
    .reverse();
  const reason = own.find((point) => point.reason)?.reason ?? null;
  const newest = (role: DetailRole | 'link') => {
    for (const { index } of own) {
      const told = detailAt(categorical, series.group, index, role);
      if (told !== null) return told;
    }
    return null;
  };
  const cause = newest('cause') ?? reason;
  return {
    cause,
    reason: reason === cause ? null : reason,
    link: addressIn(newest('link')),
    contributors: newest('contributors'),
    note: newest('note'),
    acknowledged: newest('acknowledged'),
  };
}

/** A text as an address a browser may open; `null` for anything else, such as a script. */
function addressIn(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  return /^https?:$/.test(new URL(text).protocol) ? text : null;
}

/** What the well Note says of a point; `null` where no note is bound: then no row need be looked at. */
export function noteReader(
  categorical: powerbi.DataViewCategorical | undefined,
): ((panel: Panel, point: Point) => string | null) | null {
  if (!categorical?.values?.some(({ source }) => source.roles?.note)) return null;
  return (panel, point) => detailAt(categorical, panel.series.group, point.index, 'note');
}
