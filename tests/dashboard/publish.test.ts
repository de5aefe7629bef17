import { semanticModelFiles } from '@tidemark/dashboard/testing/project';
import {
  createService,
  dryRun,
  type Flags,
  overHttp,
  publish,
  refreshSchedule,
  settingsOf,
  signIn,
} from '@tidemark/dashboard/testing/publish';
import { HOUR_MS } from '@tidemark/shared/forecasting';
import { afterEach, describe, expect, test } from 'vitest';
import { baseUrlOf, type Item, parameterOf, type StandInOptions, startStandIn } from './power-bi-stand-in.ts';

const GUID = 'tidemarkTEST';
const visual = {
  guid: GUID,
  version: '1.0.0.0',
  files: new Map([
    ['package.json', '{}'],
    [`resources/${GUID}.pbiviz.json`, '{}'],
  ]),
};
const FLAGS: Flags = {
  workspace: 'Payments',
  'base-url': 'https://tidemark.example.com/',
  'time-zone': 'America/Lima',
};
const NOW = Date.parse('2026-03-01T10:00:00Z');

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function publishTo(
  options: StandInOptions,
  flags: Flags = FLAGS,
  key: string | null = 'the-read-key',
  token = 'token',
) {
  const standIn = await startStandIn(options);
  open.push(standIn.close);
  const lines: string[] = [];
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const report = (line: string) => void lines.push(line);
  const service = createService({ send: overHttp(async () => token, standIn.urls), sleep, report });
  const result = publish({ settings: settingsOf(flags, key ?? undefined), visual, service, report, now: () => NOW });
  return { standIn, lines, waits, result };
}

describe('publishing to an empty workspace', () => {
  test('sets who sees which client as text that M cannot read otherwise', async () => {
    const { standIn, result } = await publishTo(
      {},
      { ...FLAGS, access: 'ana@example.com=The "Sun" #(lf)', language: 'es' },
    );
    await result;
    const expressions = standIn.items[0]?.files.get('definition/expressions.tmdl');
    expect(expressions).toContain('expression AccessList = "ana@example.com=The ""Sun"" #(#)(lf)" meta');
    expect(expressions).toContain('expression Language = "es" meta');
  });

  test('creates both items, sets parameters, key and twelve refreshes, and refreshes once', async () => {
    const { standIn, lines, result } = await publishTo({});
    expect(await result).toMatchObject({
      refresh: 'completed',
      semanticModelId: 'semanticModels-1',
      reportId: 'reports-1',
    });
    const expressions = standIn.items[0]?.files.get('definition/expressions.tmdl');
    expect(expressions).toContain('expression BaseUrl = "https://tidemark.example.com" meta');
    expect(expressions).toContain('expression HistoryDays = 90 meta');
    expect(expressions).toContain('expression Coverage = 0.99 meta');
    expect(expressions).toContain('expression Language = "en" meta');
    expect(expressions).toContain('expression AccessList = "" meta');
    expect(standIn.state.credentials).toBe('{"credentialData":[{"name":"key","value":"the-read-key"}]}');
    expect(standIn.state.schedule).toMatchObject({
      enabled: true,
      localTimeZoneId: 'UTC',
      notifyOption: 'MailOnFailure',
    });
    expect((standIn.state.schedule as { times: string[] }).times).toHaveLength(12);
    expect(lines.join('\n')).not.toContain('the-read-key');
    const [model, report] = standIn.items;
    expect(model?.files.get('definition/tables/Bands.tmdl')).toContain('table Bands');
    expect(JSON.parse(report?.files.get('definition.pbir') as string).datasetReference).toEqual({
      byConnection: { connectionString: 'semanticmodelid=semanticModels-1' },
    });
    expect([...(report?.files.keys() ?? [])]).toContain(`CustomVisuals/${GUID}/resources/${GUID}.pbiviz.json`);
  });

  test('takes an answer at once as well as a long-running operation', async () => {
    const { result } = await publishTo({ polls: 0 });
    expect((await result).reportId).toBe('reports-1');
  });

  test('keeps the eight best refreshes on shared capacity, and says which it left out', async () => {
    const { standIn, lines, result } = await publishTo({ dedicated: false });
    expect((await result).times).toEqual(['00:20', '02:20', '12:20', '14:20', '16:20', '18:20', '20:20', '22:20']);
    expect((standIn.state.schedule as { times: string[] }).times).toHaveLength(8);
    expect(lines.join('\n')).toMatch(/shared capacity allows 8 .* left out 04:20, 06:20, 08:20, 10:20 UTC/);
  });

  test('refreshes at half past where the service takes no other minute', async () => {
    const { lines, result } = await publishTo({ halfHoursOnly: true });
    expect((await result).times[0]).toBe('00:30');
    expect(lines.join('\n')).toContain('half past instead of twenty past');
  });

  test('without a key says where to click, and leaves the refresh for later', async () => {
    const { standIn, lines, result } = await publishTo({}, FLAGS, null);
    expect((await result).refresh).toBe('skipped');
    expect(lines.join('\n')).toMatch(/no TIDEMARK_READ_KEY .*\n.* Edit credentials\n.*Account key/);
    expect(standIn.requests.some((request) => request.endsWith('/refreshes'))).toBe(false);
  });
});

/** What an earlier publish left, with these values of the parameters. */
function published(values: Readonly<Record<string, string>> = {}): Item[] {
  const files = semanticModelFiles({ BaseUrl: '"https://tidemark.example.com"', ...values });
  const look = JSON.stringify({ themeCollection: { customTheme: { name: 'Tidemark-Dark.json' } } });
  return [
    { id: 'model-7', kind: 'semanticModels', displayName: 'Tidemark', files },
    { id: 'report-7', kind: 'reports', displayName: 'Tidemark', files: new Map([['definition/report.json', look]]) },
  ];
}
const ACCESS = '"ana@example.com=The ""Sun"" #(#)(lf); bo@example.com=total"';

describe('publishing again', () => {
  test('updates what is there', async () => {
    const { standIn, result } = await publishTo({ items: published() });
    expect(await result).toMatchObject({ semanticModelId: 'model-7', reportId: 'report-7' });
    expect(standIn.items).toHaveLength(2);
    expect(standIn.items.every(({ files }) => files.size > 5)).toBe(true);
    expect(standIn.state.takenOver).toBe(false);
  });

  const earlier = { HistoryDays: '400', Coverage: '0.995', Language: '"es"', AccessList: ACCESS };
  const valuesOf = (items: readonly Item[]) =>
    Object.fromEntries(Object.keys(earlier).map((name) => [name, parameterOf(items, name)]));
  const themeOf = (items: readonly Item[]) =>
    JSON.parse(items[1]?.files.get('definition/report.json') ?? '{}').themeCollection.customTheme.name;

  test('leaves every parameter and the theme as they are where no flag says otherwise', async () => {
    for (const polls of [0, 2]) {
      const { standIn, lines, result } = await publishTo({ items: published(earlier), polls });
      await result;
      expect(valuesOf(standIn.items)).toEqual(earlier);
      expect(themeOf(standIn.items)).toBe('Tidemark-Dark.json');
      expect(lines.join('\n')).toContain(
        'Coverage = 0.995 (kept), Language = "es" (kept), AccessList of 2 pairs (kept)',
      );
    }
  });

  test('takes what is given in place of what is there; an empty list of access is given, too', async () => {
    const flags = { 'history-days': '30', coverage: '0.9', language: 'pt', access: '', theme: 'light' };
    const { standIn, result } = await publishTo({ items: published(earlier) }, { ...FLAGS, ...flags });
    await result;
    expect(valuesOf(standIn.items)).toEqual({ HistoryDays: '30', Coverage: '0.9', Language: '"pt"', AccessList: '""' });
    expect(themeOf(standIn.items)).toBe('Tidemark-Light.json');
    expect(standIn.requests.some((request) => request.endsWith('/getDefinition'))).toBe(false);
  });

  test.each([
    ['on a line of its own', (text: string) => text.replace(/^(expression \w+ =) ([^\n(]*)$/gm, '$1\n\t\t\t$2')],
    [
      'between backticks',
      (text: string) => text.replace(/^(expression \w+ =) ([^\n(]*)$/gm, '$1 ```\n\t\t\t$2\n\t\t\t```'),
    ],
    ['with Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    [
      'with another order of what is said about it',
      (text: string) => text.replaceAll(/meta \[(.*?), (.*)\]/g, 'meta [$2, $1]'),
    ],
  ])('reads a parameter that the service writes %s', async (_, change) => {
    const rewrites = (path: string, text: string) => (path.endsWith('expressions.tmdl') ? change(text) : text);
    expect(rewrites('expressions.tmdl', published()[0]?.files.get('definition/expressions.tmdl') ?? '')).not.toBe(
      published()[0]?.files.get('definition/expressions.tmdl'),
    );
    const { standIn, result } = await publishTo({ items: published(earlier), rewrites });
    await result;
    expect(valuesOf(standIn.items)).toEqual(earlier);
  });

  test('a parameter that somebody made an expression is told, and nothing is changed', async () => {
    const items = published({ AccessList: 'Text.FromBinary(Web.Contents("https://hr.example.com"))' });
    const before = items[0]?.files;
    const { standIn, result } = await publishTo({ items });
    await expect(result).rejects.toThrow(
      /^parameters: AccessList of the published semantic model is Text\.FromBinary.*; give --access; nothing was changed/,
    );
    expect(standIn.items[0]?.files).toBe(before);
  });

  test('a model of the same name without these parameters is told', async () => {
    const files = new Map([['model.bim', '{}']]);
    const items = [{ id: 'model-7', kind: 'semanticModels', displayName: 'Tidemark', files }];
    const { result } = await publishTo({ items });
    await expect(result).rejects.toThrow(
      /no definition\/expressions\.tmdl, but model\.bim: .* give --history-days, .*--access/,
    );
  });

  test('a model of before there was a list of access gets the default', async () => {
    const rewrites = (_: string, text: string) => text.replace(/^\/\/\/ Who sees[\s\S]*?PBI_ResultType = Text\n/m, '');
    const { standIn, result } = await publishTo({ items: published(earlier), rewrites });
    await result;
    expect(valuesOf(standIn.items)).toEqual({ ...earlier, AccessList: '""' });
  });

  test('becomes the owner first when told to', async () => {
    const { standIn, result } = await publishTo({ items: published() }, { ...FLAGS, 'take-over': true });
    await result;
    expect(standIn.state.takenOver).toBe(true);
  });
});

describe('publishing never breaks what runs', () => {
  const before = () => published({ AccessList: ACCESS });
  const again: Flags = { ...FLAGS, 'take-over': true };

  test('with a failure at every request in turn, the model asks the address given and shows everybody what the list says, and a second run completes', async () => {
    const whole = await publishTo({ items: before() }, again);
    await whole.result;
    const requests = [...whole.standIn.requests];
    expect(requests.length).toBeGreaterThan(12);
    for (let k = 0; k < requests.length; k++) {
      let count = -1;
      const path = { test: () => ++count === k } as unknown as RegExp;
      // Refused, failed on the other side, or the connection breaks off: each kind at a third of the requests.
      const status = [403, 500, 0][k % 3] as number;
      const faults = ['GET', 'POST', 'PATCH'].map((method) => ({ method, path, status }));
      const { standIn, result } = await publishTo({ items: before(), faults }, again);
      await result.catch((error: unknown) => expect(error).toMatchObject({ code: expect.any(String) }));
      expect(baseUrlOf(standIn.items), requests[k]).toBe('https://tidemark.example.com');
      expect(parameterOf(standIn.items, 'AccessList'), requests[k]).toBe(ACCESS);
      const second = await publishTo({ items: standIn.items }, again);
      expect((await second.result).refresh, requests[k]).toBe('completed');
      expect(parameterOf(second.standIn.items, 'AccessList'), requests[k]).toBe(ACCESS);
    }
  });

  test('a connection that breaks off is told with what was done before it', async () => {
    const faults = [{ method: 'POST', path: /report-7\/updateDefinition$/, status: 0 }];
    const { result } = await publishTo({ items: before(), faults }, again);
    await expect(result).rejects.toThrow(
      /^report: POST .*: the connection failed \(.+\); see that 127\.0\.0\.1:\d+ can be reached from here; done before it: take-over/,
    );
  });

  test('the semantic model is taken over before anything of it is changed', async () => {
    const { standIn, result } = await publishTo({ items: before() }, again);
    await result;
    const at = (path: RegExp) => standIn.requests.findIndex((request) => path.test(request));
    expect(at(/TakeOver$/)).toBeLessThan(at(/updateDefinition$/));
  });

  test('a step that fails says what is done already and that a second run goes on', async () => {
    const faults = [{ method: 'POST', path: /report-7\/updateDefinition$/, status: 403 }];
    const { result } = await publishTo({ items: before(), faults }, again);
    await expect(result).rejects.toThrow(
      /^report: .*403.*; done before it: take-over, parameters, semantic model\. Run the same/,
    );
  });

  test('a refresh that runs already is waited for', async () => {
    const { lines, result } = await publishTo({ refreshRefused: 'running' });
    expect((await result).refresh).toBe('completed');
    expect(lines.join('\n')).toContain('a refresh is running already');
  });

  test('the ninth refresh of eight is left to the schedule', async () => {
    const { lines, result } = await publishTo({ refreshRefused: 'limit' });
    expect((await result).refresh).toBe('skipped');
    expect(lines.join('\n')).toMatch(/no refresh now: .*RefreshLimit: already refreshed 8 times/);
  });

  test('an operation that calls itself undefined is waited for; one that never ends is given up with its id', async () => {
    expect((await (await publishTo({ operationSays: 'Undefined' })).result).reportId).toBe('reports-1');
    const { result } = await publishTo({ polls: 10_000 });
    await expect(result).rejects.toThrow(/semantic model: the operation operation-1 has not ended after half an hour/);
  });

  test('an existing connection is bound in place of the key', async () => {
    const { standIn, result } = await publishTo({}, { ...FLAGS, connection: 'connection-9' }, null);
    expect((await result).refresh).toBe('completed');
    expect(standIn.state.connection).toEqual({
      id: 'connection-9',
      connectivityType: 'ShareableCloud',
      connectionDetails: { type: 'Web', path: 'https://tidemark.example.com' },
    });
    expect(standIn.state.credentials).toBe('');
  });
});

describe('the service in a bad mood', () => {
  test('429: waits as long as it says, then goes on', async () => {
    const { waits, result } = await publishTo({
      polls: 0,
      faults: [
        { method: 'POST', path: /semanticModels$/, status: 429, headers: { 'retry-after': '17' } },
        { method: 'PATCH', path: /refreshSchedule$/, status: 429 },
      ],
    });
    await result;
    expect(waits).toContain(17_000);
    expect(waits).toContain(2000);
  });

  test('429 without end: gives up with a sentence', async () => {
    const faults = Array.from({ length: 6 }, () => ({ method: 'GET', path: /workspaces$/, status: 429 }));
    const { result } = await publishTo({ faults });
    await expect(result).rejects.toThrow(/GET \/workspaces: 429, still too many requests/);
  });

  test('401: says to sign in again', async () => {
    const { result } = await publishTo({}, FLAGS, 'key', 'expired');
    await expect(result).rejects.toMatchObject({
      code: 'service-refused',
      message: expect.stringMatching(/401, the sign-in/),
    });
  });

  test('403: names the role and the owner', async () => {
    const { result } = await publishTo({
      faults: [{ method: 'POST', path: /semanticModels$/, status: 403, body: { error: { code: 'Forbidden' } } }],
    });
    await expect(result).rejects.toThrow(/403, not allowed: .*Contributor.*--take-over.* \(Forbidden\)/);
  });

  test('404 on the workspace: names those this identity sees', async () => {
    const { result } = await publishTo({}, { ...FLAGS, workspace: 'Paymnets' });
    await expect(result).rejects.toThrow('unknown workspace: Paymnets; this identity sees Other, Payments');
  });

  test('credentials that cannot be set by API: says exactly where to click', async () => {
    for (const status of [400, 403, 404]) {
      const { lines, result } = await publishTo({
        polls: 0,
        faults: [{ method: 'PATCH', path: /datasources/, status }],
      });
      expect((await result).refresh).toBe('skipped');
      expect(lines.join('\n')).toMatch(
        /Payments → Tidemark \(semantic model\) → … → Settings → Data source credentials → Edit credentials/,
      );
    }
  });

  test('an operation that fails: gives the service’s own words', async () => {
    const body = {
      status: 'Failed',
      error: { errorCode: 'Workload_FailedToParseFile', message: 'Bands.tmdl, line 3' },
    };
    const { result } = await publishTo({ faults: [{ method: 'GET', path: /operations/, status: 200, body }] });
    await expect(result).rejects.toThrow(/Workload_FailedToParseFile: Bands.tmdl, line 3/);
  });

  test('a first refresh that fails: gives its reason', async () => {
    const { result } = await publishTo({ refreshEndsAs: 'Failed' });
    await expect(result).rejects.toThrow(/ended as Failed: .*CredentialsNotSpecified/);
  });
});

describe('settings', () => {
  test.each([
    [{ workspace: undefined }, /--workspace: not given/],
    [{ 'base-url': 'http://localhost:8787' }, /--base-url: http:\/\/localhost:8787; give .*https/],
    [{ 'base-url': 'https://x.example/?key=1' }, /without query/],
    [{ language: 'de' }, /--language: de; give en or es or pt/],
    [{ access: 'ana@example.com=Sol; bo' }, /--access: {2}bo; give user=client pairs with semicolons between/],
    [{ coverage: '99' }, /--coverage: 99; give a number from 0.8 to 0.999/],
    [{ 'history-days': '1.5' }, /--history-days: 1.5; give a whole number/],
    [{ theme: 'blue' }, /--theme: blue; give light or dark/],
    [{ 'time-zone': 'Mars' }, /--time-zone: Mars; give an IANA name/],
    [{ 'sign-in': 'password' }, /device-code or service-principal/],
    [{ 'step-hours': '5' }, /--step-hours: 5; give the stepHours of the model/],
  ])('%j is refused', (flags, message) => {
    expect(() => settingsOf({ ...FLAGS, ...flags }, undefined)).toThrow(message);
  });
});

describe('the schedule', () => {
  test('on dedicated capacity is every other hour at twenty past', () => {
    const { times, remark } = refreshSchedule({
      dedicated: true,
      timeZone: 'America/Lima',
      now: NOW,
      stepMs: 2 * HOUR_MS,
    });
    expect(times).toEqual(Array.from({ length: 12 }, (_, k) => `${String(2 * k).padStart(2, '0')}:20`));
    expect(remark).toBeNull();
  });

  test.each([
    [0.5, 48, '00:20', '00:50'],
    [1, 24, '00:20', '01:20'],
    [6, 4, '00:20', '06:20'],
    [24, 1, '00:20', undefined],
  ])('with buckets of %s h is %i times a day', (hours, count, first, second) => {
    const stepMs = hours * HOUR_MS;
    const { times } = refreshSchedule({ dedicated: true, timeZone: 'UTC', now: NOW, stepMs });
    expect([times.length, times[0], times[1]]).toEqual([count, first, second]);
  });

  test.each(['UTC', 'Asia/Kolkata', 'Pacific/Chatham', 'America/Mexico_City'])(
    'on shared capacity leaves out the night in %s',
    (zone) => {
      const { times } = refreshSchedule({ dedicated: false, timeZone: zone, now: NOW, stepMs: 2 * HOUR_MS });
      expect(times).toHaveLength(8);
      const clock = new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
      const hours = times.map((time) => Number(clock.format(Date.parse(`2026-03-01T${time}:00Z`))));
      expect(Math.min(...hours)).toBeGreaterThanOrEqual(6);
    },
  );
});

test('a dry run prints every request, sends none, and covers the key', async () => {
  const lines: string[] = [];
  const send = dryRun('Payments', (line) => void lines.push(line));
  const service = createService({ send, sleep: async () => {}, report: () => {} });
  const settings = settingsOf({ ...FLAGS, 'dry-run': true }, 'the-read-key');
  await publish({ settings, visual, service, report: () => {}, now: () => NOW });
  const text = lines.join('\n');
  expect(lines.filter((line) => /^(GET|POST|PATCH) https:/.test(line))).toHaveLength(11);
  expect(text).toContain('PATCH https://api.powerbi.com/v1.0/myorg/gateways/{gatewayId}/datasources/{datasourceId}');
  expect(text).toMatch(/definition\/tables\/Bands\.tmdl \(\d+ bytes\)/);
  expect(text).not.toContain('the-read-key');
});

describe('signing in through MSAL', () => {
  /** Answers MSAL as Microsoft's sign-in service does. */
  function signInService() {
    const asked: string[] = [];
    const answer = async (url: string, options?: { body?: string }) => {
      asked.push(`${url.replace(/\?.*/, '')} ${options?.body ?? ''}`);
      const base = 'https://login.microsoftonline.com/tenant-1';
      const body = url.includes('openid-configuration')
        ? {
            issuer: `${base}/v2.0`,
            authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
            token_endpoint: `${base}/oauth2/v2.0/token`,
            jwks_uri: `${base}/discovery/v2.0/keys`,
          }
        : url.includes('/devicecode')
          ? {
              device_code: 'd',
              user_code: 'ABC',
              verification_uri: 'https://microsoft.com/devicelogin',
              expires_in: 900,
              interval: 0,
              message: 'go to https://microsoft.com/devicelogin and type ABC',
            }
          : { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600, access_token: 'access-1' };
      return { status: 200, headers: {}, body: body as never };
    };
    return { asked, network: { sendGetRequestAsync: answer, sendPostRequestAsync: answer } };
  }

  test('a service principal gets a token for each resource with its secret', async () => {
    const { asked, network } = signInService();
    const token = signIn({ tenantId: 'tenant-1', clientId: 'app-1', clientSecret: 's', prompt: () => {}, network });
    expect(await token('https://api.fabric.microsoft.com/.default')).toBe('access-1');
    expect(asked.join('\n')).toMatch(/grant_type=client_credentials/);
  });

  test('a person is told where to type which code', async () => {
    const { network } = signInService();
    const prompts: string[] = [];
    const token = signIn({
      tenantId: 'tenant-1',
      clientId: 'app-1',
      prompt: (line) => void prompts.push(line),
      network,
    });
    expect(await token('https://api.fabric.microsoft.com/.default')).toBe('access-1');
    expect(prompts).toEqual(['go to https://microsoft.com/devicelogin and type ABC']);
  });

  test('a refusal is a sentence', async () => {
    const network = {
      sendGetRequestAsync: async () => Promise.reject(new Error('no route')),
      sendPostRequestAsync: async () => Promise.reject(new Error('no route')),
    };
    const token = signIn({ tenantId: 'tenant-1', clientId: 'app-1', clientSecret: 's', prompt: () => {}, network });
    await expect(token('scope')).rejects.toMatchObject({ code: 'sign-in-failed' });
  });
});
