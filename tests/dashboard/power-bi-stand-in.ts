import { type HttpBindings, serve } from '@hono/node-server';
import { Ajv, type ValidateFunction } from 'ajv';
import { Hono } from 'hono';

/** Request bodies as Microsoft documents them (learn.microsoft.com/rest/api, Fabric core v1 and Power BI v1.0). */
const SHAPES: Readonly<Record<string, object>> = {
  'Items - Create': {
    type: 'object',
    additionalProperties: false,
    required: ['displayName', 'definition'],
    properties: {
      displayName: { type: 'string', maxLength: 256 },
      description: { type: 'string', maxLength: 256 },
      folderId: { type: 'string' },
      definition: { $ref: '#/definitions/definition' },
    },
  },
  'Items - Update Definition': {
    type: 'object',
    additionalProperties: false,
    required: ['definition'],
    properties: { definition: { $ref: '#/definitions/definition' } },
  },
  'Items - Bind Semantic Model Connection': {
    type: 'object',
    additionalProperties: false,
    required: ['connectionBinding'],
    properties: {
      connectionBinding: {
        type: 'object',
        additionalProperties: false,
        required: ['connectivityType', 'connectionDetails'],
        properties: {
          id: { type: 'string' },
          connectivityType: { enum: ['ShareableCloud', 'PersonalCloud', 'OnPremisesDataGateway', 'None', 'Automatic'] },
          connectionDetails: {
            type: 'object',
            additionalProperties: false,
            required: ['type', 'path'],
            properties: { type: { type: 'string' }, path: { type: 'string' } },
          },
        },
      },
    },
  },
  'Datasets - Update Refresh Schedule In Group': {
    type: 'object',
    additionalProperties: false,
    required: ['value'],
    properties: {
      value: {
        type: 'object',
        additionalProperties: false,
        properties: {
          enabled: { type: 'boolean' },
          days: {
            type: 'array',
            minItems: 1,
            items: { enum: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] },
          },
          times: {
            type: 'array',
            uniqueItems: true,
            items: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' },
          },
          localTimeZoneId: { type: 'string' },
          notifyOption: { enum: ['MailOnFailure', 'NoNotification'] },
        },
      },
    },
  },
  'Gateways - Update Datasource': {
    type: 'object',
    additionalProperties: false,
    required: ['credentialDetails'],
    properties: {
      credentialDetails: {
        type: 'object',
        additionalProperties: false,
        required: ['credentialType', 'credentials', 'encryptedConnection', 'encryptionAlgorithm', 'privacyLevel'],
        properties: {
          credentialType: { enum: ['Basic', 'Windows', 'Anonymous', 'OAuth2', 'Key', 'SAS'] },
          credentials: { type: 'string' },
          encryptedConnection: { enum: ['Encrypted', 'NotEncrypted'] },
          encryptionAlgorithm: { enum: ['None', 'RSA-OAEP'] },
          privacyLevel: { enum: ['None', 'Public', 'Organizational', 'Private'] },
          useCallerAADIdentity: { type: 'boolean' },
          useEndUserOAuth2Credentials: { type: 'boolean' },
        },
      },
    },
  },
  'Datasets - Refresh Dataset In Group': {
    type: 'object',
    required: ['notifyOption'],
    properties: { notifyOption: { enum: ['MailOnCompletion', 'MailOnFailure', 'NoNotification'] } },
  },
};

const definitions = {
  definition: {
    type: 'object',
    additionalProperties: false,
    required: ['parts'],
    properties: {
      format: { type: 'string' },
      parts: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['path', 'payload', 'payloadType'],
          properties: {
            path: { type: 'string' },
            payload: { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' },
            payloadType: { const: 'InlineBase64' },
          },
        },
      },
    },
  },
};

/** A fault to answer with, once, in place of the answer to the next request that matches. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /** 0: the connection breaks off. */
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Item {
  readonly id: string;
  readonly kind: string;
  readonly displayName: string;
  files: ReadonlyMap<string, string>;
}

export interface StandInOptions {
  readonly dedicated?: boolean;
  readonly faults?: readonly Fault[];
  /** Items there before. */
  readonly items?: readonly Item[];
  /** Polls an operation takes; 0 answers at once with 201 or 200. */
  readonly polls?: number;
  /** How the first refresh ends. */
  readonly refreshEndsAs?: 'Completed' | 'Failed';
  /** What stands in the way of a refresh: another one that runs, or the day's limit. */
  readonly refreshRefused?: 'running' | 'limit';
  /** What an operation says of itself before it is done. */
  readonly operationSays?: string;
  readonly halfHoursOnly?: boolean;
  /** Changes the text of a file that the service gives back: it writes definitions in its own words. */
  readonly rewrites?: (path: string, text: string) => string;
}

const WORKSPACE = { id: '11111111-0000-4000-8000-000000000001', displayName: 'Payments', type: 'Workspace' };

/** The address that the semantic model asks: the value of its parameter, as its definition says. */
export function baseUrlOf(items: readonly Item[]): string | undefined {
  return parameterOf(items, 'BaseUrl')?.slice(1, -1);
}

/** A parameter of the semantic model as an M expression, as its definition says. */
export function parameterOf(items: readonly Item[], name: string): string | undefined {
  const model = items.find(({ kind }) => kind === 'semanticModels');
  const text = model?.files.get('definition/expressions.tmdl');
  return text?.match(new RegExp(`^expression ${name} = (.*?) meta`, 'm'))?.[1];
}

/**
 * A stand-in for the endpoints of Fabric and Power BI that publishing uses: checks every body against the documented
 * shape, keeps what it is given, answers slowly where the service does, and fails when told to.
 */
export async function startStandIn(options: StandInOptions = {}) {
  const {
    dedicated = true,
    polls = 2,
    refreshEndsAs = 'Completed',
    halfHoursOnly = false,
    operationSays = 'Running',
  } = options;
  const faults = [...(options.faults ?? [])];
  const items: Item[] = [...(options.items ?? [])];
  const requests: string[] = [];
  const state = {
    connection: null as unknown,
    schedule: null as unknown,
    credentials: '',
    takenOver: false,
  };
  const operations = new Map<string, { left: number; readonly result: object | null }>();
  let refreshPolls = -1;

  const ajv = new Ajv();
  const shapes = new Map<string, ValidateFunction>(
    Object.entries(SHAPES).map(([name, shape]) => [name, ajv.compile({ ...shape, definitions })]),
  );
  const app = new Hono();

  app.use(async (context, next) => {
    requests.push(`${context.req.method} ${context.req.path}`);
    const at = faults.findIndex(({ method, path }) => method === context.req.method && path.test(context.req.path));
    const [fault] = at === -1 ? [] : faults.splice(at, 1);
    if (fault?.status === 0) {
      (context.env as HttpBindings).outgoing.destroy();
      return context.body(null);
    }
    if (fault !== undefined) return context.json(fault.body ?? {}, fault.status as 400, fault.headers);
    if (context.req.header('authorization') !== 'Bearer token') return context.json({ errorCode: 'Unauthorized' }, 401);
    return next();
  });

  // biome-ignore lint/suspicious/noExplicitAny: any documented body
  const checked = async (name: string, request: { json: () => Promise<any> }): Promise<any> => {
    const body = await request.json();
    const validate = shapes.get(name) as ValidateFunction;
    if (!validate(body)) throw new Error(`${name}: ${JSON.stringify(validate.errors)}`);
    return body;
  };
  const accepted = (result: object | null) => {
    const id = `operation-${operations.size + 1}`;
    operations.set(id, { left: polls, result });
    return {
      id,
      headers: { 'x-ms-operation-id': id, location: `http://localhost/operations/${id}`, 'retry-after': '1' },
    };
  };
  const filesOf = (body: { definition: { parts: { path: string; payload: string }[] } }) =>
    new Map(body.definition.parts.map(({ path, payload }) => [path, Buffer.from(payload, 'base64').toString('utf8')]));

  app.get('/fabric/workspaces', (context) => {
    // Two pages, so that a client must follow the token.
    if (context.req.query('continuationToken') === undefined) {
      return context.json({ value: [{ id: 'other', displayName: 'Other' }], continuationToken: 'next page' });
    }
    return context.json({ value: [WORKSPACE] });
  });
  for (const kind of ['semanticModels', 'reports']) {
    const path = `/fabric/workspaces/${WORKSPACE.id}/${kind}`;
    app.get(path, (context) =>
      context.json({
        value: items.filter((item) => item.kind === kind).map(({ id, displayName }) => ({ id, displayName })),
      }),
    );
    app.post(path, async (context) => {
      const body = await checked('Items - Create', context.req);
      const item = { id: `${kind}-1`, kind, displayName: body.displayName, files: filesOf(body) };
      items.push(item);
      if (polls === 0) return context.json({ id: item.id, displayName: item.displayName }, 201);
      const { headers } = accepted({ id: item.id, displayName: item.displayName });
      return context.body(null, 202, headers);
    });
    app.post(`${path}/:id/getDefinition`, (context) => {
      const item = items.find(({ id }) => id === context.req.param('id'));
      if (item === undefined) return context.json({ errorCode: 'ItemNotFound' }, 404);
      const { rewrites = (_, text) => text } = options;
      const parts = [...item.files].map(([name, text]) => ({
        path: name,
        payload: Buffer.from(rewrites(name, text), 'utf8').toString('base64'),
        payloadType: 'InlineBase64',
      }));
      if (polls === 0) return context.json({ definition: { parts } });
      return context.body(null, 202, accepted({ definition: { parts } }).headers);
    });
    app.post(`${path}/:id/updateDefinition`, async (context) => {
      const body = await checked('Items - Update Definition', context.req);
      const item = items.find(({ id }) => id === context.req.param('id'));
      if (item === undefined) return context.json({ errorCode: 'ItemNotFound' }, 404);
      item.files = filesOf(body);
      if (polls === 0) return context.body(null, 200);
      return context.body(null, 202, accepted(null).headers);
    });
  }
  app.get('/fabric/operations/:id', (context) => {
    const operation = operations.get(context.req.param('id'));
    if (operation === undefined) return context.json({ errorCode: 'OperationNotFound' }, 404);
    if (operation.left-- > 0) return context.json({ status: operationSays, percentComplete: 50 });
    const location = `http://localhost/operations/${context.req.param('id')}/result`;
    return context.json({ status: 'Succeeded' }, 200, operation.result === null ? {} : { location });
  });
  app.get('/fabric/operations/:id/result', (context) => {
    return context.json(operations.get(context.req.param('id'))?.result ?? {});
  });

  const dataset = `/power-bi/groups/${WORKSPACE.id}/datasets/:id`;
  app.get('/power-bi/groups', (context) =>
    context.json({ value: [{ id: WORKSPACE.id, isOnDedicatedCapacity: dedicated }] }),
  );
  app.post(`${dataset}/Default.TakeOver`, (context) => {
    state.takenOver = true;
    return context.body(null, 200);
  });
  app.post(`/fabric/workspaces/${WORKSPACE.id}/semanticModels/:id/bindConnection`, async (context) => {
    state.connection = (await checked('Items - Bind Semantic Model Connection', context.req)).connectionBinding;
    return context.body(null, 200);
  });
  app.get(`${dataset}/datasources`, (context) =>
    context.json({
      value: [
        {
          datasourceType: 'Web',
          connectionDetails: { url: baseUrlOf(items) },
          datasourceId: 'source-1',
          gatewayId: 'gateway-1',
        },
      ],
    }),
  );
  app.patch('/power-bi/gateways/gateway-1/datasources/source-1', async (context) => {
    const body = await checked('Gateways - Update Datasource', context.req);
    state.credentials = body.credentialDetails.credentials;
    return context.body(null, 200);
  });
  app.patch(`${dataset}/refreshSchedule`, async (context) => {
    const { value } = await checked('Datasets - Update Refresh Schedule In Group', context.req);
    if (value.times.length > (dedicated ? 48 : 8)) return context.json({ error: { code: 'TooManyTimes' } }, 400);
    if (halfHoursOnly && value.times.some((time: string) => !/:(00|30)$/.test(time))) {
      return context.json({ error: { code: 'InvalidRequest', message: 'times' } }, 400);
    }
    state.schedule = value;
    return context.body(null, 200);
  });
  app.post(`${dataset}/refreshes`, async (context) => {
    await checked('Datasets - Refresh Dataset In Group', context.req);
    if (options.refreshRefused === 'limit') {
      return context.json({ error: { code: 'RefreshLimit', message: 'already refreshed 8 times' } }, 400);
    }
    refreshPolls = 2;
    if (options.refreshRefused === 'running') {
      return context.json({ error: { code: 'InvalidRequest', message: 'another refresh is executing' } }, 400);
    }
    return context.body(null, 202);
  });
  app.get(`${dataset}/refreshes`, (context) => {
    const running = refreshPolls-- > 0;
    const failure = { serviceExceptionJson: '{"errorCode":"ModelRefreshFailed_CredentialsNotSpecified"}' };
    const ended = {
      status: refreshEndsAs,
      endTime: '2026-03-01T10:25:00Z',
      ...(refreshEndsAs === 'Failed' ? failure : {}),
    };
    return context.json({ value: [running ? { status: 'Unknown' } : ended] });
  });

  // What is not documented is not there; a body of another shape is the test's to see.
  app.notFound((context) => context.json({ errorCode: 'NotStoodInFor', message: context.req.path }, 404));
  app.onError((error, context) => context.json({ errorCode: 'WrongShape', message: error.message }, 400));

  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((ready) => server.once('listening', ready));
  const { port } = server.address() as { port: number };
  return {
    urls: { fabric: `http://127.0.0.1:${port}/fabric`, powerBi: `http://127.0.0.1:${port}/power-bi` },
    state,
    items,
    requests,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}
