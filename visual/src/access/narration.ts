import type { Formats } from '../format.ts';
import { headlineOf, pointAlarmWords, recentAlarms, statusWords } from '../headline.ts';
import type { Point } from '../judged.ts';
import type { Panel, ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';

/** The whole picture in a few sentences, for those who hear it. */
export function narrate(view: ViewModel, formats: Formats, translate: Translate): string {
  const { word, details } = headlineOf(view, formats, translate);
  const recent = recentAlarms(view.panels, formats, 3);
  const parts = [
    [word, details[0]].filter(Boolean).join(' '),
    recent.length > 0
      ? `${translate('Header_LastAlarms')} ${recent.map(({ words }) => words).join('; ')}`
      : translate('Header_NoAlarms'),
    translate('Access_Keys'),
  ];
  return `${parts.join('. ')}.`;
}

/** One panel in a sentence. */
export function narratePanel(panel: Panel, formats: Formats, translate: Translate): string {
  const { word, details } = statusWords(panel, formats, translate);
  return [panel.series.name, word, details[0]].filter(Boolean).join(', ');
}

/** One bucket in a sentence. */
export function narratePoint(point: Point, formats: Formats, translate: Translate): string {
  const value = point.actual === null ? translate(`State_${point.state}`) : formats.full(point.actual);
  const parts = [formats.instant(point.time), value];
  if (point.lower !== null && point.upper !== null) {
    parts.push(`${translate('Legend_Band')} ${formats.full(point.lower)} – ${formats.full(point.upper)}`);
  }
  if (point.severity !== null) {
    const why = pointAlarmWords(point, formats, translate).join(', ');
    parts.push([translate(`Severity_${point.severity}`), why].filter(Boolean).join(': '));
  }
  return parts.join(', ');
}
