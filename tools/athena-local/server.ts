import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '@tidemark/shared/errors';
import { type ColumnTypes, openEngine } from './engine.ts';
import { realTrino } from './env.ts';
import { diceOf, type Faults, NO_FAULTS } from './faults.ts';
import { AthenaService, ServiceError, type StoredExecution, type Workgroup } from './service.ts';

/** A running stand-in for Athena and the bucket with its results. */
export interface AthenaServer {
  /** For `AWS_ENDPOINT_URL`; Athena and S3 both answer here. */
  readonly url: string;
  readonly executions: ReadonlyMap<string, StoredExecution>;
  /** Requests by operation, S3 reads as `GetObject`. */
  readonly requests: Record<string, number>;
  /** From now on other things go wrong. */
  disturb(faults: Partial<Omit<Faults, 'seed'>>): void;
  close(): Promise<void>;
}

/** What the stand-in serves and what goes wrong with it. */
export interface AthenaServerOptions {
  readonly port?: number;
  readonly faults?: Partial<Faults>;
  readonly workgroups?: Record<string, Workgroup>;
  /** Types of columns that their files do not have. */
  readonly types?: ColumnTypes;
}

const WORKGROUPS: Record<string, Workgroup> = {
  primary: { output: 's3://results/primary/' },
  enforced: { output: 's3://results/enforced/', enforced: true },
  managed: { managed: true },
};

/**
 * Serves a folder of Parquet or CSV tables on loopback in Athena's JSON protocol, for the unmodified SDK. A real Trino
 * runs the statements where the environment names one (`pnpm test:trino`), else DuckDB.
 * @throws UserError `history-not-found` where there is no table in the folder, `port-taken`
 */
export async function serveAthena(folder: string, options: AthenaServerOptions = {}): Promise<AthenaServer> {
  const faults = { ...NO_FAULTS, ...options.faults };
  const engine = await openEngine(folder, options.types, realTrino());
  const dice = diceOf(faults);
  const service = new AthenaService(engine, options.workgroups ?? WORKGROUPS, faults, dice);
  const requests: Record<string, number> = {};
  let count = 0;

  async function answer(request: IncomingMessage, body: string): Promise<Answer> {
    const operation = String(request.headers['x-amz-target'] ?? 'GetObject')
      .split('.')
      .at(-1) as string;
    requests[operation] = (requests[operation] ?? 0) + 1;
    if (!/^AWS4-HMAC-SHA256 /.test(String(request.headers.authorization ?? ''))) {
      throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
    }
    if (count >= faults.expireAfter) {
      throw new ServiceError('ExpiredTokenException', 'The security token included in the request is expired');
    }
    if (operation !== 'GetQueryExecution') count++;
    if (dice(faults.throttle)) throw new ServiceError('ThrottlingException', 'Rate exceeded');
    if (dice(faults.serverError)) throw new ServiceError('InternalServerException', 'try again', 500);
    if (operation === 'GetObject')
      return { status: 200, type: 'text/csv', body: resultFile(service, request.url ?? '') };
    return { status: 200, type: JSON_TYPE, body: JSON.stringify(await service.answer(operation, JSON.parse(body))) };
  }

  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', async () => {
      if (dice(faults.hang)) return;
      const reply = await answer(request, body).catch((error: unknown) => refusal(error, request));
      send(response, reply, reply.status === 200 && dice(faults.reset));
    });
  });
  try {
    await once(server.listen(options.port ?? 0, '127.0.0.1'), 'listening');
  } catch (cause) {
    await service.close();
    await engine.close();
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new UserError(
      'port-taken',
      `port ${options.port} is taken by another process; name a free one, or 0 for any`,
      {
        cause,
      },
    );
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    executions: service.executions,
    requests,
    disturb: (others) => void Object.assign(faults, others),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close();
      await engine.close();
    },
  };
}

const JSON_TYPE = 'application/x-amz-json-1.1';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Sends a reply, or only the first half of what its length promises. */
function send(response: ServerResponse, { status, type, body }: Answer, cutShort: boolean): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  if (!cutShort) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

function refusal(error: unknown, request: IncomingMessage): Answer {
  const known = error instanceof ServiceError ? error : new ServiceError('InternalServerException', String(error), 500);
  if (request.method === 'GET') {
    const body = `<?xml version="1.0"?><Error><Code>${known.type}</Code><Message>${known.message}</Message></Error>`;
    return { status: known.status, type: 'application/xml', body };
  }
  const body = JSON.stringify({ __type: known.type, message: known.message, ...known.fields });
  return { status: known.status, type: JSON_TYPE, body };
}

/** The CSV that Athena leaves in S3: every value quoted, NULL an empty cell. */
function resultFile(service: AthenaService, url: string): string {
  const path = decodeURIComponent(url.split('?')[0] ?? '');
  const execution = [...service.executions.values()].find(({ location }) => location === `s3:/${path}`);
  if (!execution?.result) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  const line = (cells: readonly (string | null)[]) =>
    cells.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',');
  return `${[execution.result.columns, ...execution.result.rows].map(line).join('\n')}\n`;
}
