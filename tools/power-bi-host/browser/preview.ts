// The preview page: the packaged visual in its frame, fed from the API that serves this page.

import { DAY_MS } from '@tidemark/shared/forecasting';
import { SEVERITIES, type Severity, WORST_FIRST } from '@tidemark/shared/vocabulary';
import type { Scene } from '../../scenes/scene.ts';
import { SCENES } from '../../scenes/scenes.ts';
import { dataViewOf, type FormatObjects, type TableRow } from '../data-view.ts';
import type { HostEvent, HostScript } from '../messages.ts';
import { THEMES } from '../themes.ts';
import { FormatPane } from './format-pane.ts';
import { showTooltip } from './tooltip.ts';
import { VisualFrame } from './visual-frame.ts';

const REFRESH_MS = 60_000;
const ALL = '';

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const stage = byId('stage');
const scenePicker = byId<HTMLSelectElement>('scene');
const seriesPicker = byId<HTMLSelectElement>('series');
const period = byId<HTMLSelectElement>('period');
const theme = byId<HTMLSelectElement>('theme');
const language = byId<HTMLSelectElement>('language');
const note = byId('note');

const visual = new VisualFrame(stage, '/preview/frame.html');
let objects: FormatObjects = {};
let rows: readonly TableRow[] = [];
const pane = new FormatPane(byId('pane'), (changed) => {
  objects = changed;
  void draw();
});

visual.on((event) => {
  if (event.name === 'tooltip' || event.name === 'tooltip-hide') showTooltip(byId('tooltip'), visual.frame, event);
  if (event.name === 'persist') keep(event);
});

function host(): HostScript {
  return { locale: language.value, ...THEMES[theme.value as keyof typeof THEMES], download: false };
}

async function ask(path: string): Promise<unknown> {
  const response = await fetch(path, { headers: { accept: 'application/json', 'accept-language': language.value } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail ?? body.title ?? `${path}: ${response.status}`);
  return body;
}

async function rowsOf(path: string): Promise<readonly TableRow[]> {
  return ((await ask(path)) as { rows: readonly TableRow[] }).rows;
}

/** Before a series in alarm: ▼ for the worst severity, ● for the mildest, ◆ for those between. */
function signOf(severity: Severity | undefined): string {
  if (severity === undefined) return '';
  return severity === WORST_FIRST[0] ? '▼ ' : severity === WORST_FIRST.at(-1) ? '● ' : '◆ ';
}

/** Fills the picker: series in alarm first, the worst at the top, then groups, then by volume. */
async function loadSeries(): Promise<void> {
  const [series, alarms] = await Promise.all([rowsOf('/v1/series'), rowsOf('/v1/alarms?status=open')]);
  const newest =
    series
      .map((row) => String(row.newest_bucket))
      .toSorted()
      .at(-1) ?? '';
  const week =
    newest === '' ? [] : await rowsOf(`/v1/bands?from=${new Date(Date.parse(newest) - 7 * DAY_MS).toISOString()}`);
  const volumes = new Map<string, number>();
  for (const row of week) {
    const name = String(row.series);
    volumes.set(name, (volumes.get(name) ?? 0) + Math.abs(Number(row.actual ?? 0)));
  }
  const worst = new Map(alarms.toReversed().map((row) => [String(row.series), row.severity as Severity]));
  const rank = (row: TableRow) => {
    const severity = worst.get(String(row.series));
    const alarmed = severity === undefined ? 0 : 1 + SEVERITIES.indexOf(severity);
    return alarmed * 10 + (row.members === null ? 0 : 1);
  };
  const volume = (row: TableRow) => volumes.get(String(row.series)) ?? 0;
  const names = series.toSorted((a, b) => rank(b) - rank(a) || volume(b) - volume(a)).map((row) => String(row.series));
  const wished = new URLSearchParams(location.search).get('series');
  seriesPicker.replaceChildren(
    ...names.map((name) => new Option(signOf(worst.get(name)) + name, name)),
    ...(names.length > 1 ? [new Option(`All ${names.length}`, ALL)] : []),
  );
  if (wished !== null && (wished === ALL || names.includes(wished))) seriesPicker.value = wished;
}

async function loadBands(): Promise<void> {
  const query = new URLSearchParams();
  if (seriesPicker.value !== ALL) query.set('series', seriesPicker.value);
  const found = await rowsOf(`/v1/bands?${query}`);
  const known = found.filter((row) => row.state !== 'future').map((row) => Date.parse(String(row.bucket_start)));
  const newest = known.reduce((last, time) => Math.max(last, time), 0);
  const from = newest - Number(period.value) * DAY_MS;
  rows = found.filter((row) => Date.parse(String(row.bucket_start)) > from);
}

let drawing: Promise<HostEvent> | null = null;

async function draw(): Promise<void> {
  await drawing;
  if (document.body.classList.contains('scene')) return;
  const { width, height } = stage.getBoundingClientRect();
  const view = rows.length === 0 ? null : dataViewOf(rows, { objects, format: '#,0' });
  drawing = visual.update({ width: Math.floor(width) - 2, height: Math.floor(height) - 2, view });
  await drawing;
  pane.show(await visual.formattingModel(), objects);
  document.body.dataset.drawn = String(rows.length);
}

/** Keeps what the visual persists, as a report would. */
function keep(event: HostEvent): void {
  const { merge = [], remove = [] } = event.detail as { merge?: Kept[]; remove?: Kept[] };
  const next: Record<string, Record<string, unknown>> = structuredClone(objects) as never;
  for (const one of merge) next[one.objectName] = { ...next[one.objectName], ...one.properties };
  for (const one of remove) delete next[one.objectName];
  objects = next;
}

interface Kept {
  readonly objectName: string;
  readonly properties: Record<string, unknown>;
}

/** Plays a named scene in place of the API's rows; `null` goes back to them. */
async function play(scene: Scene | null): Promise<void> {
  await drawing;
  document.body.classList.toggle('scene', scene !== null);
  for (const control of [seriesPicker, period, theme, language]) control.disabled = scene !== null;
  note.textContent = scene?.see ?? '';
  if (scene === null) {
    await recreate();
    return;
  }
  stage.style.background = scene.host?.background ?? '#ffffff';
  await visual.create({ locale: 'en-US', ...scene.host });
  const { width, height, view, now } = scene;
  drawing = visual.update({ width, height, view, ...(now === undefined ? {} : { now }) });
  await drawing;
}

async function renew(): Promise<void> {
  try {
    await loadBands();
    note.textContent = '';
  } catch (error) {
    note.textContent = `The API does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
  await draw();
}

async function recreate(): Promise<void> {
  document.body.classList.toggle('dark', theme.value === 'dark');
  stage.style.background = THEMES[theme.value as keyof typeof THEMES].background;
  await visual.create(host());
  await draw();
}

await visual.create(host());
try {
  await loadSeries();
} catch (error) {
  note.textContent = `The API does not answer: ${error instanceof Error ? error.message : String(error)}`;
}
await renew();
seriesPicker.addEventListener('change', () => void renew());
period.addEventListener('change', () => void renew());
theme.addEventListener('change', () => void recreate());
language.addEventListener('change', () => void recreate().then(renew));
byId('pane-toggle').addEventListener('click', (event) => {
  const open = byId('pane').toggleAttribute('hidden');
  (event.currentTarget as HTMLElement).setAttribute('aria-expanded', String(!open));
  void draw();
});
new ResizeObserver(() => void draw()).observe(stage);
setInterval(() => void renew(), REFRESH_MS);
scenePicker.append(...SCENES.map(({ title, name }) => new Option(title, name)));
scenePicker.addEventListener('change', () => void play(SCENES.find(({ name }) => name === scenePicker.value) ?? null));
