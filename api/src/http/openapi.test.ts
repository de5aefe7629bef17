import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createService, madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';
import { describeApi } from './openapi.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}
const described = describeApi() as { openapi: string; paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

test('the committed OpenAPI document is the one that is served; `pnpm api openapi > docs/openapi.json` renews it', async () => {
  const committed = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
  const service = await createService({ clock: stoppedClock() });
  const served = await (await service.get('/openapi.json')).json();
  expect(served).toEqual(committed);
  expect(described.openapi).toBe('3.1.0');
  const page = await service.get('/docs');
  const html = await page.text();
  for (const { path } of operations) expect(html).toContain(path);
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  service.close();
});

/** Values that no parameter accepts; `\u0000` and friends must not reach the store either. */
const nonsense = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '-1',
    '1e999',
    'NaN',
    'null',
    '[]',
    '%',
    "'; DROP TABLE series; --",
    '\u0000',
    '2026-13-45',
    '🌊'.repeat(200),
  ),
  fc.string({ maxLength: 30 }),
);

describe('malformed input', () => {
  let service: Service;
  beforeAll(async () => {
    const clock = stoppedClock();
    clock.endOf(10 * WEEK - 1);
    service = await publishedService({
      clock,
      series: [madeUpSeries('shop', 11)],
      until: 10 * WEEK,
      environment: { TIDEMARK_BACKFILL_DAYS: '1' },
    });
    await service.cycle.run('refresh');
  });
  afterAll(() => service.close());

  /** A 4xx problem document, whatever was wrong. */
  async function refused(response: Response) {
    const text = await response.text();
    expect([response.status >= 400 && response.status < 500, text]).toEqual([true, text]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({
      status: response.status,
      type: expect.stringMatching(/^\/problems\//),
      detail: expect.any(String),
    });
    expect(text).not.toMatch(/sqlite|libsql|SELECT|node_modules|\.ts:/i);
  }
  const filled = (path: string) => path.replaceAll(/\{[^}]+\}/g, 'none');

  test.each(operations.map((one) => [`${one.method} ${one.path}`, one] as const))(
    '%s refuses an unknown parameter',
    async (_, { path, method }) => {
      await refused(await service.app.request(`${filled(path)}?no_such=1`, { method }));
    },
  );

  test.each(
    operations
      .filter(({ operation }) => operation.parameters?.some((one) => one.in === 'query' && one.name !== 'key'))
      .map((one) => [`${one.method} ${one.path}`, one] as const),
  )(
    '%s answers nonsense in any parameter with its rows or with a problem, never with a fault',
    async (_, { path, method, operation }) => {
      const names = (operation.parameters ?? [])
        .filter((one) => one.in === 'query' && one.name !== 'key')
        .map((one) => one.name);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...names), nonsense, async (name, value) => {
          const response = await service.app.request(`${filled(path)}?${new URLSearchParams({ [name]: value })}`, {
            method,
          });
          if (response.status >= 400) await refused(response);
          else expect(response.status).toBe(200);
        }),
        { numRuns: 40 },
      );
    },
  );

  test.each(
    operations
      .filter(({ operation }) => operation.requestBody)
      .map((one) => [`${one.method} ${one.path}`, one] as const),
  )('%s refuses malformed bodies', async (_, { path, method }) => {
    const bodies = fc.oneof(
      fc.constantFrom('', '{', 'null', '[]', '"text"', '{"__proto__":{"x":1}}', '{"series":null}', '\u0000'),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc
        .dictionary(
          fc.constantFrom('series', 'start', 'values', 'id', 'from', 'to', 'effect', 'label', 'by', 'x'),
          fc.jsonValue(),
          { minKeys: 1 },
        )
        .map((value) => JSON.stringify({ ...value, x: 1 })),
    );
    await fc.assert(
      fc.asyncProperty(
        bodies,
        fc.constantFrom('application/json', 'text/plain', 'application/xml'),
        async (body, type) => {
          await refused(await service.app.request(filled(path), { method, body, headers: { 'content-type': type } }));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('paths that do not exist and methods that are not served are problems too', async () => {
    for (const [method, path] of [
      ['GET', '/v2/bands'],
      ['PATCH', '/v1/bands'],
      ['POST', '/v1/series'],
      ['GET', '/v1/../../etc/passwd'],
    ] as const) {
      await refused(await service.app.request(path, { method }));
    }
  });
});
