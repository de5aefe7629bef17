import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { heldBodies } from './held-bodies.ts';

const MB = 1024 * 1024;

test('large bodies come in while there is room for them, small ones always', async () => {
  const app = new Hono();
  const hold = heldBodies();
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  app.put('/slow', hold(200 * MB), async (c) => held.then(() => c.text('taken')));
  app.put('/fast', hold(200 * MB), (c) => c.text('taken'));
  app.onError((error, c) => c.text((error as { code?: string }).code ?? 'bug', 429));
  const put = async (path: string, length?: number) => {
    const headers = length === undefined ? {} : { 'content-length': String(length) };
    return (await app.request(path, { method: 'PUT', headers })).text();
  };
  const slow = [put('/slow', 900 * MB), put('/slow', 30 * MB)];
  expect(await put('/fast', 30 * MB)).toBe('too-many-requests');
  expect(await put('/fast')).toBe('too-many-requests');
  expect([await put('/fast', MB), await put('/fast', 20 * MB)]).toEqual(['taken', 'taken']);
  goOn();
  expect(await Promise.all(slow)).toEqual(['taken', 'taken']);
  expect(await put('/fast')).toBe('taken');
});
