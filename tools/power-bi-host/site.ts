import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { packageVisual } from '@tidemark/visual/package';
import { hasPackagingTools } from '@tidemark/visual/packaging-tools';
import { build } from 'esbuild';
import { Hono } from 'hono';
import { readCommittedPackage, readPackage, type VisualPackage } from './package-file.ts';

const HERE = new URL('.', import.meta.url);

/**
 * The preview page as an app to mount at `/` beside the API: hosts the packaged visual in a sandboxed frame
 * without an origin, draws it from `/v1/bands` of the same server, and asks nothing of any other.
 * Shows the package committed with the dashboard; once the packaging tools are installed, one of the current sources.
 */
export async function previewApp(): Promise<Hono> {
  return siteOf(hasPackagingTools() ? await readPackage((await packageVisual()).path) : await readCommittedPackage());
}

/** The same pages for a visual that is already unzipped. */
export async function siteOf(visual: VisualPackage): Promise<Hono> {
  const [frame, page, bench] = await Promise.all(['frame', 'preview', 'bench'].map(bundle));
  const html = (name: string) => readFile(new URL(`browser/${name}`, HERE), 'utf8');
  const [frameHtml, pageHtml, pageCss] = await Promise.all([
    html('frame.html'),
    html('preview.html'),
    html('preview.css'),
  ]);
  const settings = { guid: visual.guid, strings: visual.stringResources };
  const setUp = `window.powerbi = { visuals: { plugins: {} } }; const TIDEMARK_VISUAL = ${JSON.stringify(settings)};`;
  const app = new Hono();
  const serve = (
    path: string,
    type: string,
    body: string,
    headers: (origin: string) => Record<string, string> = () => ({}),
  ) =>
    app.get(path, (c) =>
      c.body(body, 200, {
        'content-type': type,
        'cache-control': 'no-store',
        ...SAFE,
        ...headers(new URL(c.req.url).origin),
      }),
    );
  const script = 'text/javascript; charset=utf-8';
  serve('/', 'text/html; charset=utf-8', pageHtml as string, () => ({ 'content-security-policy': PAGE_POLICY }));
  serve('/preview/bench.html', 'text/html; charset=utf-8', BENCH_HTML, () => ({
    'content-security-policy': PAGE_POLICY,
  }));
  serve('/preview/page.js', script, page as string);
  serve('/preview/page.css', 'text/css; charset=utf-8', pageCss as string);
  serve('/preview/bench.js', script, bench as string);
  serve('/preview/frame.html', 'text/html; charset=utf-8', frameHtml as string, framePolicy);
  serve('/preview/set-up.js', script, setUp);
  serve('/preview/visual.js', script, visual.js);
  serve('/preview/visual.css', 'text/css; charset=utf-8', visual.css);
  serve('/preview/frame.js', script, frame as string);
  for (const weight of WEIGHTS) {
    const font = await readFile(
      fileURLToPath(import.meta.resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`)),
    );
    // A frame without an origin may read a font only where everybody may.
    const headers = { 'content-type': 'font/woff2', 'access-control-allow-origin': '*', ...SAFE };
    app.get(`/preview/inter-${weight}.woff2`, (c) => c.body(new Uint8Array(font), 200, headers));
  }
  return app;
}

/** Cuts of the one font every picture is set in, so that it looks the same on every machine. */
const WEIGHTS = [400, 600, 700];

const SAFE = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The frame has no origin, so its own server is named instead of 'self'; nothing else can be reached. */
function framePolicy(origin: string): Record<string, string> {
  const policy = [
    'sandbox allow-scripts',
    "default-src 'none'",
    `script-src ${origin}`,
    `style-src ${origin} 'unsafe-inline'`,
    'img-src data:',
    `font-src ${origin}`,
    "frame-ancestors 'self'",
  ];
  return { 'content-security-policy': policy.join('; ') };
}

const BENCH_HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tidemark visual under test</title>
<style>html,body{margin:0}iframe{border:0;display:block}</style><body><script type="module" src="/preview/bench.js"></script></body></html>`;

async function bundle(name: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`browser/${name}.ts`, HERE))],
    bundle: true,
    write: false,
    format: name === 'frame' ? 'iife' : 'esm',
    target: 'es2022',
    legalComments: 'none',
  });
  return (result.outputFiles[0] as { text: string }).text;
}
