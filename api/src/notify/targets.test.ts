import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { post } from './deliver.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { parseHeartbeat } from './heartbeat.ts';
import { parseWebhooks } from './webhooks.ts';

const hook = (url: string) => JSON.stringify([{ name: 'ops', url }]);

test.each(['https://hooks.example/x', 'https://93.184.216.34/x', 'https://[2606:2800:220:1:248:1893:25c8:1946]/x'])(
  '%s is a target',
  (url) => {
    expect(parseWebhooks(hook(url))).toHaveLength(1);
    expect(parseHeartbeat(url, '', { loopback: false })).toEqual({ success: url, failure: null });
    expect(parseHeartbeat('https://x.example', url, { loopback: false })?.failure).toBe(url);
  },
);

test.each([
  'http://hooks.example/x',
  'https://user:password@hooks.example/x',
  'https://127.0.0.1/',
  'http://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://localhost/',
  'https://printer.localhost/',
  'https://10.0.0.1/',
  'https://172.16.5.4/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://2852039166/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[::]/',
  'https://0.0.0.0/',
  'https://224.0.0.1/',
  'https://metadata.google.internal/',
  'https://nas.local/',
  'https://[::7f00:1]/',
  'https://[::a00:1]/',
  'https://[::ffff:0:a00:1]/',
  'https://[2002:a00:1::]/',
  'https://[64:ff9b:1::a00:1]/',
  'https://[4000::1]/',
  'https://0/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://168.63.129.16/',
  'https://router/',
  'https://intranet./',
  'https://hooks.default.svc/',
  'https://x.corp/',
  'https://x.onion/',
  'https://1.0.0.10.in-addr.arpa/',
])('%s is refused, and its address does not show in the message', (url) => {
  expect(() => parseWebhooks(hook(url))).toThrow(/^invalid TIDEMARK_WEBHOOKS: "ops" /);
  expect(() => parseWebhooks(hook(url))).not.toThrow(new URL(url).hostname);
  for (const [success, failure] of [
    [url, ''],
    ['https://x.example', url],
  ] as const) {
    expect(() => parseHeartbeat(success, failure, { loopback: false })).toThrow(
      /^invalid TIDEMARK_HEARTBEAT(_FAILURE)?: it /,
    );
    expect(() => parseHeartbeat(success, failure, { loopback: false })).not.toThrow(new URL(url).hostname);
  }
});

test('this machine is a target where the setting says so, and nothing else becomes one by it', () => {
  expect(parseWebhooks(hook('http://127.0.0.1:9/x'), { loopback: true })).toHaveLength(1);
  expect(() => parseWebhooks(hook('https://10.0.0.1/x'), { loopback: true })).toThrow(/private/);
  expect(() => parseWebhooks(hook('http://hooks.example/x'), { loopback: true })).toThrow(/not https/);
});

test('what a name leads to is checked when connecting: an inner address is not reached', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  await expect(guardedFetch({ loopback: false })(url)).rejects.toThrow();
  expect(asked).toBe(0);
  expect((await guardedFetch({ loopback: true })(url)).status).toBe(200);
  expect(asked).toBe(1);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test.each([301, 302, 303, 307, 308])(
  'a receiver that answers %i leads nowhere else: the message has failed',
  async (status) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(request.url === '/hook' ? status : 200, { location: '/latest/meta-data' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const [webhook] = parseWebhooks(hook(url), { loopback: true });
    const message = { id: 'x', payload: {}, now: 0 };
    expect(webhook && (await post(guardedFetch({ loopback: true }), webhook, message))).toBe(`answered ${status}`);
    expect(asked).toEqual(['/hook']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
);

test.each([
  [
    'https://hc-ping.com/0f8e4c9a-1111-4222-8333-944444444444',
    'https://hc-ping.com/0f8e4c9a-1111-4222-8333-944444444444/fail',
  ],
  ['https://hc-ping.com/a-key/nightly?create=1', 'https://hc-ping.com/a-key/nightly/fail?create=1'],
  [
    'https://checks.example/ping/0f8e4c9a-1111-4222-8333-944444444444/',
    'https://checks.example/ping/0f8e4c9a-1111-4222-8333-944444444444/fail',
  ],
  ['https://uptime.betterstack.com/api/v1/heartbeat/abc', 'https://uptime.betterstack.com/api/v1/heartbeat/abc/fail'],
  ['https://nosnch.in/c2354d53d2', null],
])('failures of the service at %s go to %s unless told otherwise', (success, failure) => {
  expect(parseHeartbeat(success, '', { loopback: false })).toEqual({ success, failure });
  expect(parseHeartbeat(success, 'https://x.example/f', { loopback: false })?.failure).toBe('https://x.example/f');
});

test('a failure address without the other one is refused', () => {
  expect(() => parseHeartbeat('', 'https://x.example', { loopback: false })).toThrow(/TIDEMARK_HEARTBEAT_FAILURE/);
  expect(parseHeartbeat('', '', { loopback: false })).toBe(null);
});
