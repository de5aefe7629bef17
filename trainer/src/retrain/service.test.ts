import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { addressAt, serviceAt } from './service.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** The address of a server that answers everything with a status, and the paths it is asked for. */
async function answering(status: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status).end('<h1>something</h1>');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test.each([401, 403, 405, 200])('%d to an empty model is no leave to publish', async (status) => {
  const { url } = await answering(status);
  await expect(serviceAt(url, 'key').checkMayPublish()).rejects.toThrow(
    new RegExp(`would take no model .*: ${status} .*; give --key of scope admin`),
  );
});

test.each(['a\nb', 'ключ'])(
  'a key that cannot be sent is told as such, not as an API that does not answer: %j',
  async (key) => {
    await expect(serviceAt('http://127.0.0.1:9', key).model()).rejects.toThrow(/^invalid --key or TIDEMARK_API_KEY/);
  },
);

describe('the model in service', () => {
  test('is none where the API says that there is none', async () => {
    const { url } = await answering(409);
    expect(await serviceAt(url, undefined).model()).toBeNull();
  });

  test('is not asked of a server that knows of no models', async () => {
    const { url } = await answering(404);
    await expect(serviceAt(url, undefined).model()).rejects.toThrow(/v1\/model\.txt: 404 .*; is --api the address/);
  });

  test('is not read from a server that answers everything with a page', async () => {
    const { url } = await answering(200);
    await expect(serviceAt(url, undefined).model()).rejects.toThrow(
      /v1\/model\.txt answered what is not to be read here \(.*\); is --api the address of the API, and the API of/,
    );
    await expect(serviceAt(url, undefined).alarms()).rejects.toMatchObject({ code: 'api-refused' });
  });

  test('is asked for below the address that was given', async () => {
    for (const end of ['/payments', '/payments/']) {
      const { url, asked } = await answering(409);
      await serviceAt(url + end, undefined).model();
      expect(asked).toEqual(['/payments/v1/model.txt']);
      server?.close();
    }
  });
});

test.each(['tidemark.example.com', 'ftp://tidemark.example.com', ''])('%j is no address of an API', async (api) => {
  expect(() => addressAt(api, '/v1/health')).toThrow(/not an address such as http:\/\/127\.0\.0\.1:8787/);
  await expect(serviceAt(api, undefined).model()).rejects.toThrow(/invalid --api/);
});
