import { UserError } from '@tidemark/shared/errors';

/** The two addresses of the service; each wants a token of its own. */
export const RESOURCES = {
  fabric: { url: 'https://api.fabric.microsoft.com/v1', scope: 'https://api.fabric.microsoft.com/.default' },
  powerBi: { url: 'https://api.powerbi.com/v1.0/myorg', scope: 'https://analysis.windows.net/powerbi/api/.default' },
} as const;
export type Resource = keyof typeof RESOURCES;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the service's JSON, read at each call
  readonly body: any;
}

/** Sends one request and gives the answer, whatever its status. */
export type Send = (resource: Resource, method: string, path: string, body?: object) => Promise<Answer>;

export interface ServiceOptions {
  readonly send: Send;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told what is waited for. */
  readonly report: (line: string) => void;
}

/** What goes with a request. */
interface Request {
  readonly body?: object;
  /** Refusals that the caller deals with, by status. */
  readonly expected?: readonly number[];
}

const ATTEMPTS = 6;
const LONGEST_WAIT_S = 120;
/** How often an operation is asked about before it counts as never ending: half an hour at the usual five seconds. */
const OPERATION_POLLS = 360;
/** What an operation may be while it goes on; `Undefined` is what the service says before it has begun. */
const UNDER_WAY = ['NotStarted', 'Running', 'Undefined'];

/**
 * The service with its manners: waits when told to (429, 503), follows long-running operations to their end, and turns
 * refusals into sentences with a remedy.
 */
export function createService({ send, sleep, report }: ServiceOptions) {
  /** One request; a refusal becomes a UserError `service-refused`, unless its status is expected. */
  async function call(resource: Resource, method: string, path: string, { body, expected = [] }: Request = {}) {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(resource, method, path, body);
      if (answer.status < 300 || expected.includes(answer.status)) return answer;
      const busy = answer.status === 429 || answer.status === 503 || (answer.status >= 500 && method === 'GET');
      if (!busy || attempt === ATTEMPTS) throw refusal(answer, method, path);
      const seconds = waitOf(answer, 2 ** attempt);
      report(`the service is busy (${answer.status}); again in ${seconds} s`);
      await sleep(seconds * 1000);
    }
  }

  return {
    call,
    /** A Fabric request that may go on for long; gives the result's body, `null` where there is none. */
    async operate(method: string, path: string, body?: object) {
      const answer = await call('fabric', method, path, body === undefined ? {} : { body });
      if (answer.status !== 202) return answer.body;
      const id = answer.headers.get('x-ms-operation-id');
      if (id === null) throw new Error(`${method} ${path}: accepted without an operation id`);
      let wait = waitOf(answer, 5);
      for (let poll = 0; poll < OPERATION_POLLS; poll++, wait = 5) {
        await sleep(wait * 1000);
        const { body: operation, headers } = await call('fabric', 'GET', `/operations/${id}`);
        if (operation.status === 'Succeeded') {
          const hasResult = headers.has('location');
          return hasResult ? (await call('fabric', 'GET', `/operations/${id}/result`)).body : null;
        }
        if (operation.status === 'Failed') {
          throw new UserError('operation-failed', `the service could not do it: ${errorText(operation.error)}`);
        }
        if (!UNDER_WAY.includes(operation.status)) {
          throw new UserError('operation-failed', `the service says ${operation.status} of the operation ${id}`);
        }
        report(`${operation.status}, ${operation.percentComplete ?? 0} %`);
      }
      throw new UserError(
        'operation-slow',
        `the operation ${id} has not ended after half an hour; the service may still complete it`,
      );
    },
    /** All items of a Fabric list, page by page. */
    async list(path: string) {
      const items: { id: string; displayName: string }[] = [];
      for (let token: string | undefined; ; ) {
        const query = token === undefined ? '' : `?continuationToken=${encodeURIComponent(token)}`;
        const { body } = await call('fabric', 'GET', `${path}${query}`);
        items.push(...body.value);
        token = body.continuationToken ?? undefined;
        if (token === undefined) return items;
      }
    },
    sleep,
  };
}

export type Service = ReturnType<typeof createService>;

function waitOf({ headers }: Answer, otherwise: number): number {
  const seconds = Number(headers.get('retry-after') ?? otherwise);
  return Math.min(Number.isFinite(seconds) && seconds > 0 ? seconds : otherwise, LONGEST_WAIT_S);
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'the sign-in is not accepted: sign in again, and see that the application may call the Power BI service',
  403: 'not allowed: the identity needs the role Contributor or higher in the workspace, must own the semantic model (--take-over), and a service principal must be allowed in the tenant settings',
  404: 'not there, or not visible to this identity',
  429: 'still too many requests after several waits: try again later',
};

function refusal({ status, body }: Answer, method: string, path: string): UserError {
  const remedy = REMEDIES[status];
  return new UserError(
    'service-refused',
    `${method} ${path}: ${status}${remedy === undefined ? '' : `, ${remedy}`} (${errorText(body)})`,
  );
}

/** The service's own words: Fabric puts them at the top, Power BI below `error`. */
export function errorText(body: unknown): string {
  const found = (body as { error?: object } | null)?.error ?? body;
  const { errorCode, code, message } = (found ?? {}) as { errorCode?: string; code?: string; message?: string };
  return [errorCode ?? code, message].filter((part) => part !== undefined).join(': ') || 'no reason given';
}
