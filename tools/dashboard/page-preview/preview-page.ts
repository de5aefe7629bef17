import type { Page } from 'playwright-core';
import type { PlainDataView } from '../../power-bi-host/data-view.ts';
import { dataViewOf } from '../../power-bi-host/data-view.ts';
import { OpenVisual, type Stage } from '../../power-bi-host/harness.ts';
import { siteOf } from '../../power-bi-host/site.ts';
import { msOf } from '../tables.ts';
import { committedPage, type DrawnVisual, type FieldReference } from './committed-report.ts';
import { type Canvas, drawCards, drawSlicer, drawTable, drawWaterfall, drawWeekly, escaped } from './draw.ts';
import { modelFormats } from './formats.ts';
import { groupsOf, type Look, sightOf } from './look.ts';

/** Options of a picture: the phone's layout instead of the screen's, and pixels of the picture for each of the page. */
export interface PreviewOptions {
  readonly layout?: 'screen' | 'phone';
  readonly scale?: number;
}

export interface Preview {
  readonly png: Buffer;
  /** What the packaged visual said that it should not have. */
  readonly complaints: readonly string[];
  /** Marks the packaged visual drew, by name of the visual on the page. */
  readonly drawn: Readonly<Record<string, number>>;
}

/**
 * Draws a page of the committed report from filled tables, every figure from the model's own DAX: the packaged visual
 * itself, in the frame it gets from Power BI, and plain likenesses of the built-in visuals around it.
 */
export async function previewPage(
  name: string,
  look: Look,
  stage: Stage,
  { layout = 'screen', scale = 2 }: PreviewOptions = {},
): Promise<Preview> {
  const { page, theme } = committedPage(name, layout);
  const canvas: Canvas = { look, formats: modelFormats(), theme };
  const complaints: string[] = [];
  const drawn: Record<string, number> = {};
  const site = await siteOf(stage.visual);
  const boxes: string[] = [];
  for (const placed of page.visuals) {
    const { titleBy } = placed;
    const title =
      titleBy === null ? placed.title : String(look.model.measure(titleBy, sightOf(look, placed), look.viewer));
    const visual = { ...placed, title };
    let inside: string;
    if (visual.type === stage.visual.guid) {
      const open = await OpenVisual.on(await stage.browser.newPage({ deviceScaleFactor: scale }), site, {
        locale: 'en-US',
        foreground: theme.foreground,
        background: theme.background,
      });
      const [width, height] = [visual.width - 16, visual.height - 38];
      await open.update({ width, height, view: viewOf(visual, look), now: businessTime(look) });
      inside = `<img width="${width}" height="${height}" src="data:image/png;base64,${(await open.picture()).toString('base64')}">`;
      complaints.push(...open.complaints);
      drawn[visual.name] = await open.frame.locator('svg path').count();
      await open.close();
    } else inside = drawBuiltIn(visual, canvas);
    boxes.push(box(visual, inside));
  }
  const shot = await stage.browser.newPage({
    viewport: { width: page.width, height: page.height },
    deviceScaleFactor: scale,
  });
  await shot.setContent(html(theme, boxes));
  const png = await picture(shot);
  await shot.close();
  return { png, complaints, drawn };
}

async function picture(page: Page): Promise<Buffer> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  return page.screenshot();
}

function drawBuiltIn(visual: DrawnVisual, canvas: Canvas): string {
  switch (visual.type) {
    case 'cardVisual':
      return drawCards(visual, canvas);
    case 'tableEx':
      return drawTable(visual, canvas);
    case 'slicer':
      return drawSlicer(visual, canvas);
    case 'lineChart':
    case 'clusteredColumnChart':
      return drawWeekly(visual, canvas);
    case 'waterfallChart':
      return drawWaterfall(visual, canvas);
    case 'actionButton':
      return `<div class="button">${escaped(wordsOf(visual, canvas.look))}</div>`;
    default:
      throw new Error(`no likeness of ${visual.type}`);
  }
}

/** The words on a button. */
function wordsOf(visual: DrawnVisual, look: Look): string {
  if (visual.textBy === null) return '';
  return String(look.model.measure(visual.textBy, sightOf(look, visual), look.viewer));
}

/** The present as the business's own clock shows it, which is the one that the visual is given. */
function businessTime({ model, viewer }: Look): string {
  const newest = model.context().visible('Bands').at(-1);
  const ahead = newest === undefined ? 0 : msOf(newest['Bucket start']) - msOf(newest['Bucket start UTC']);
  return new Date(viewer.nowMs + ahead).toISOString().slice(0, 19);
}

/** The visual's query: its measures for each bucket of each series in sight. */
function viewOf(visual: DrawnVisual, look: Look): PlainDataView {
  const fieldOf = (role: string) => visual.wells[role]?.[0] as FieldReference;
  const [time, series] = [fieldOf('time'), fieldOf('series')];
  const lines = visual.wells.references ?? [];
  const roles = Object.keys(visual.wells).filter(
    (role) => !['time', 'series', 'tooltips', 'references'].includes(role),
  );
  const rows = groupsOf(look, visual, [time, series]).map(({ cells, context }) => ({
    time: new Date(msOf(cells.get(time))).toISOString().slice(0, 19),
    series: cells.get(series),
    ...Object.fromEntries(roles.map((role) => [role, look.model.measure(fieldOf(role).name, context, look.viewer)])),
    ...Object.fromEntries(lines.map(({ name }) => [name, look.model.measure(name, context, look.viewer)])),
  }));
  return dataViewOf(rows, {
    bindings: {
      time: 'time',
      series: 'series',
      ...Object.fromEntries(roles.map((role) => [role, role])),
      references: lines.map(({ name }) => name),
    },
    objects: visual.objects,
    format: '#,0',
  });
}

/** A visual in its place on the page. */
export function box({ x, y, width, height, title, type, framed }: DrawnVisual, inside: string): string {
  const head = title === null ? '' : `<h2>${escaped(title)}</h2>`;
  const kinds = [type === 'actionButton' ? 'button-box' : '', framed ? '' : 'bare'].join(' ');
  return `<section class="${kinds}" style="left:${x}px;top:${y}px;width:${width}px;height:${height}px">${head}${inside}</section>`;
}

/** A page of boxes in the colours of a theme. */
// biome-ignore lint/suspicious/noExplicitAny: the theme as the report holds it
export function html(theme: any, boxes: readonly string[]): string {
  const styles = theme.visualStyles;
  const page = styles.page['*'].background[0].color.solid.color;
  return `<!doctype html><meta charset="utf-8"><style>
*{box-sizing:border-box}
body{margin:0;background:${page};font:13px/1.35 "Segoe UI","Noto Sans","DejaVu Sans",sans-serif;color:${theme.foreground}}
section{position:absolute;background:${theme.background};border:1px solid ${theme.backgroundNeutral};border-radius:6px;padding:6px 8px;overflow:hidden}
h2{margin:0 0 6px;font-size:12px;font-weight:400;color:${theme.textClasses.label.color};line-height:18px}
img{display:block}
.line{line-height:1.3;overflow-wrap:anywhere}
.tiles{display:grid;height:100%;align-items:center}
.tile{padding:2px 10px;border-left:1px solid ${theme.backgroundNeutral}}
.tile:first-child{border-left:0}
.tile span{display:block;font-size:12px;color:${theme.textClasses.label.color}}
.tile b{font-size:22px;font-weight:600;white-space:nowrap}
table{width:100%;border-collapse:collapse;font-size:12px}
th{text-align:left;font-weight:400;color:${theme.textClasses.label.color};border-bottom:1px solid ${theme.backgroundNeutral};padding:3px 6px}
td{padding:4px 6px;border-bottom:1px solid ${theme.backgroundNeutral};white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}
.choice{border:1px solid ${theme.backgroundNeutral};border-radius:4px;padding:2px 8px;line-height:20px;flex:1}
.choice i{float:right;font-style:normal;color:${theme.textClasses.label.color}}
.range{display:flex;gap:8px}
.legend{font-size:12px;color:${theme.textClasses.label.color};height:18px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:5px;margin:0 5px 0 10px}
svg text{font-size:11px;fill:${theme.textClasses.label.color}}
.button-box{padding:0}
.bare{background:none;border-color:transparent;padding:0 8px}
.button{line-height:38px;text-align:center;color:${theme.dataColors[0]}}
</style>${boxes.join('')}`;
}
