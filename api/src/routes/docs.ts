import { html, raw } from 'hono/html';
import type { App } from '../http/route.ts';

/** Facts at the top of the OpenAPI document. */
const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Tidemark',
    version: '1',
    description:
      'Total payment volume against a learned band, with an alarm when it leaves it. Times are ISO 8601 UTC, amounts in the currency of the history. Errors are RFC 9457 problem documents.',
  },
};

/** The OpenAPI 3.1 document, made from the schemas that validate. */
export function openApiOf(app: App): unknown {
  return app.getOpenAPI31Document(ABOUT);
}

/** `/openapi.json`, and a page that reads without asking anything of other hosts. */
export function addDocs(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'header', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Api-Key',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'query', { type: 'apiKey', in: 'query', name: 'key' });
  // What connection tests ask first; it tells nothing that needs a key.
  app.get('/', (c) => c.json({ service: 'Tidemark', docs: '/docs', openapi: '/openapi.json', health: '/v1/health' }));
  app.get('/openapi.json', (c) => c.json(openApiOf(app) as Record<string, unknown>));
  app.get('/docs', (c) => c.html(page(openApiOf(app) as Document)));
}

interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly summary: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: Schema }>> }>>;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6b7b; --line: #dfe5ea; --tint: #f4f7f9; --accent: #14607a }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --soft: #9aa9b8; --line: #2c3742; --tint: #1a2129; --accent: #6fc3dd } body { background: #12181e } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); max-width: 54rem; margin: 3rem auto; padding: 0 1.25rem }
h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2.6rem 0 .3rem; font-weight: 600 }
code, .path { font-family: ui-monospace, monospace; font-size: .92em } p { margin: .2rem 0 .7rem } .soft { color: var(--soft) }
.verb { display: inline-block; min-width: 3.6rem; color: var(--accent); font-weight: 700 }
table { border-collapse: collapse; width: 100%; font-size: .92rem } td { border-top: 1px solid var(--line); padding: .35rem .6rem .35rem 0; vertical-align: top }
td:first-child { white-space: nowrap; width: 11rem } .tag { background: var(--tint); border-radius: .3rem; padding: .05rem .4rem; font-size: .8rem; color: var(--soft) }
a { color: var(--accent) }`;

function page({ info, paths, components }: Document) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} API</title><style>${raw(STYLE)}</style></head><body>
<h1>${info.title} API</h1><p>${info.description}</p>
<p class="soft">The same, for machines: <a href="openapi.json">openapi.json</a>. A key goes in <code>Authorization: Bearer</code>, <code>X-Api-Key</code> or <code>?key=</code>.</p>
${operations.map(operationHtml)}
<h1 style="margin-top:4rem">Rows and bodies</h1>
${Object.entries(components.schemas).map(
  ([name, schema]) =>
    html`<h2>${name}</h2><table>${Object.entries(schema.properties ?? {}).map(
      ([field, type]) => html`<tr><td><code>${field}</code></td><td class="soft">${typeText(type)}</td></tr>`,
    )}</table>`,
)}
</body></html>`;
}

function operationHtml({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const scope = operation.security?.[0] ? Object.values(operation.security[0])[0]?.[0] : undefined;
  const gives = Object.entries(operation.responses).flatMap(([status, { content }]) =>
    status.startsWith('2') ? Object.keys(content ?? {}) : [],
  );
  const body = Object.entries(operation.requestBody?.content ?? {});
  return html`<h2><span class="verb">${method.toUpperCase()}</span> <span class="path">${path}</span>
<span class="tag">${scope ?? 'open'}</span></h2><p>${operation.summary}</p>
<table>${(operation.parameters ?? [])
    .filter(({ name }) => name !== 'key')
    .map(
      ({ name, required, description, schema }) =>
        html`<tr><td><code>${name}</code>${required ? ' *' : ''}</td><td>${description ?? ''} <span class="soft">${typeText(schema)}</span></td></tr>`,
    )}
${body.map(([type, { schema }]) => html`<tr><td>body</td><td>${type} <span class="soft">${typeText(schema)}</span></td></tr>`)}
<tr><td>gives</td><td>${gives.join(', ')}</td></tr></table>`;
}

function typeText(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.items) return `list of ${typeText(schema.items)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? '');
  const range =
    schema.minimum !== undefined && schema.maximum !== undefined ? ` ${schema.minimum} to ${schema.maximum}` : '';
  return `${type}${range}`;
}
