import { nameInText } from '@tidemark/shared/contract/name-in-text';
import type powerbi from 'powerbi-visuals-api';
import { DETAIL_ROLES, detailAt } from '../details.ts';
import type { Formats } from '../format.ts';
import { pointAlarmWords } from '../headline.ts';
import type { Point } from '../judged.ts';
import type { Panel } from '../view-model.ts';
import type { Translate } from '../words.ts';

type Item = powerbi.extensibility.VisualTooltipDataItem;

/** What the tooltip of a bucket says, the author's own fields last. */
export function tooltipItems(
  panel: Panel,
  point: Point,
  categorical: powerbi.DataViewCategorical | undefined,
  { formats, translate, colour }: { readonly formats: Formats; readonly translate: Translate; readonly colour: string },
): Item[] {
  const end = point.time + panel.series.stepMs;
  const header = `${panel.series.name === '' ? '' : `${nameInText(panel.series.name)} · `}${formats.instant(point.time)} – ${formats.near(end, point.time)}`;
  const group = categorical?.values?.grouped()[panel.series.group];
  const columns = group?.values ?? [];
  const actual = columns.find((column) => column.source.roles?.actual);
  const own = formatOf(actual, point.index);
  const items: Item[] = [];
  const add = (displayName: string, value: string, mark?: string) =>
    items.push({ displayName, value, header, ...(mark === undefined ? {} : { color: mark }) });
  add(
    translate('Role_actual'),
    point.actual === null ? translate(`State_${point.state}`) : formats.full(point.actual, own),
    colour,
  );
  if (point.state === 'open') add(translate('Tooltip_State'), translate('State_open'));
  if (point.forecast !== null) add(translate('Role_forecast'), formats.full(point.forecast, own));
  if (point.lower !== null && point.upper !== null) {
    add(translate('Legend_Band'), `${formats.full(point.lower, own)} – ${formats.full(point.upper, own)}`);
  } else if (point.lower !== null) add(translate('Role_lower'), formats.full(point.lower, own));
  else if (point.upper !== null) add(translate('Role_upper'), formats.full(point.upper, own));
  if (point.severity !== null) {
    add(translate(`Severity_${point.severity}`), pointAlarmWords(point, formats, translate, own).join(' · '), colour);
  }
  for (const role of DETAIL_ROLES) {
    const words = detailAt(categorical, panel.series.group, point.index, role);
    if (words !== null) add(translate(`Role_${role}`), words);
  }
  for (const column of columns) {
    const { roles } = column.source;
    if (!(roles?.tooltips || roles?.references) || point.index < 0) continue;
    const value = column.values[point.index];
    if (value === null || value === undefined) continue;
    const format = column.source.format ?? null;
    const words =
      typeof value === 'number'
        ? formats.full(value, formatOf(column, point.index) ?? format)
        : value instanceof Date
          ? formats.instant(
              Date.UTC(value.getFullYear(), value.getMonth(), value.getDate(), value.getHours(), value.getMinutes()),
            )
          : String(value);
    add(column.source.displayName, words);
  }
  return items;
}

/** A row's own format string, where the model gives dynamic ones. */
function formatOf(column: powerbi.DataViewValueColumn | undefined, index: number): string | null {
  const dynamic = column?.objects?.[index]?.general?.formatString;
  return typeof dynamic === 'string' ? dynamic : (column?.source.format ?? null);
}
