// The preview page: the packaged visual in its frame, fed from the API that serves this page.
import { dataViewOf, type FormatObjects, type TableRow } from '../data-view.ts';
import type { HostEvent, HostScript } from '../messages.ts';
import { THEMES } from '../themes.ts';
import { FormatPane } from './format-pane.ts';
import { showTooltip } from './tooltip.ts';
import { VisualFrame } from './visual-frame.ts';

const REFRESH_MS = 60_000;
const PAGE_ROWS = 10_000;
const ALL = '';

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const stage = byId('stage');
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
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail ?? body.title ?? `${path}: ${response.status}`);
  return body;
}

/** Lists travel bare or under the name of what they list. */
function listIn(body: unknown, name: string): readonly TableRow[] {
  if (Array.isArray(body)) return body;
  const named = body as Record<string, unknown>;
  return (named[name] ?? named.rows ?? named.items ?? []) as readonly TableRow[];
}

async function loadSeries(): Promise<void> {
  const found = listIn(await ask('/v1/series'), 'series');
  const names = found.map((one) => String(one.id ?? one.series ?? one.name));
  const wished = new URLSearchParams(location.search).get('series');
  seriesPicker.replaceChildren(
    ...names.map((name) => new Option(name, name)),
    ...(names.length > 1 ? [new Option(`All ${names.length}`, ALL)] : []),
  );
  if (wished !== null && (wished === ALL || names.includes(wished))) seriesPicker.value = wished;
}

async function loadBands(): Promise<void> {
  const days = Number(period.value);
  const query = new URLSearchParams();
  if (seriesPicker.value !== ALL) query.set('series', seriesPicker.value);
  query.set('limit', String(PAGE_ROWS));
  const found = listIn(await ask(`/v1/bands?${query}`), 'bands');
  const newest = Math.max(
    ...found.filter((row) => row.state !== 'future').map((row) => Date.parse(String(row.bucket_start))),
  );
  rows = found.filter((row) => Date.parse(String(row.bucket_start)) > newest - days * 86_400_000);
}

let drawing: Promise<HostEvent> | null = null;

async function draw(): Promise<void> {
  await drawing;
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
language.addEventListener('change', () => void recreate());
byId('pane-toggle').addEventListener('click', (event) => {
  const open = byId('pane').toggleAttribute('hidden');
  (event.currentTarget as HTMLElement).setAttribute('aria-expanded', String(!open));
  void draw();
});
new ResizeObserver(() => void draw()).observe(stage);
setInterval(() => void renew(), REFRESH_MS);
