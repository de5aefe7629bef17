import type { Formats } from '../format.ts';
import { headlineOf, pastOf, pointAlarmWords, recentAlarms, statusWords } from '../headline.ts';
import type { Point } from '../judged.ts';
import type { Panel, ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';

/** What is said of a picture, and in which words. */
interface Narration {
  readonly view: ViewModel;
  readonly formats: Formats;
  readonly translate: Translate;
  /** Is it said that all is well? Off where the page tells the state of more than is drawn. */
  readonly calm: boolean;
}

/** The whole picture in a few sentences, for those who hear it. */
export function narrate({ view, formats, translate, calm }: Narration): string {
  const { word, details, status } = headlineOf(view, formats, translate);
  const said = status.kind === 'ok' && !calm ? '' : word;
  const recent = recentAlarms(view.panels, formats, 3);
  const past = {
    alarms: `${translate('Header_LastAlarms')} ${recent.map(({ words }) => words).join('; ')}`,
    none: translate('Header_NoAlarms'),
    unsaid: '',
  }[pastOf(view, calm)];
  const parts = [[said, details[0]].filter(Boolean).join(' '), past, translate('Access_Keys')];
  return `${parts.filter(Boolean).join('. ')}.`;
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
