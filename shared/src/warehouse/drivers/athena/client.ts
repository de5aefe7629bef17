import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  GetWorkGroupCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pTimeout from 'p-timeout';
import { UserError } from '../../../errors.ts';
import { executionParameters, type Statement } from '../../statement.ts';
import { isRetryable, toUserError } from './failure.ts';

/** Region, credentials and endpoint, for where the SDK has no chain of its own to find them: Workers. */
export interface AwsAccess {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly endpoint?: string;
}

/** Where queries run. Unless `access` is given, credentials, profile and region come from the SDK's own chain. */
export interface AthenaSettings {
  readonly workgroup: string;
  readonly catalog: string;
  readonly database: string;
  /** `s3://…` for results; not needed where the workgroup has its own. */
  readonly output?: string | undefined;
  readonly access?: AwsAccess | undefined;
}

/** What is known of one query under way. */
export interface Execution {
  readonly id: string;
  readonly state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly reason: string;
  /** Whether the same query may succeed when it is sent again. */
  readonly retryable: boolean;
  readonly scannedBytes: number;
  readonly reused: boolean;
  /** Milliseconds since the epoch. */
  readonly submittedMs: number;
  /** `s3://…` of the result file; `null` where Athena manages results itself. */
  readonly resultFile: string | null;
}

/** A result page: cells are text, NULL is `null`. The first page of a SELECT starts with the column names. */
export interface ResultPage {
  readonly rows: (string | null)[][];
  readonly next: string | undefined;
}

/** How a workgroup keeps results. */
export interface WorkgroupFacts {
  readonly enabled: boolean;
  readonly engine: string;
  /** Athena stores results; an output location must not be given. */
  readonly managed: boolean;
  /** The workgroup's own settings override the client's. */
  readonly enforced: boolean;
  readonly output: string | undefined;
}

/** Athena and the S3 reads that go with it; every request may fail as `isRetryable` and `toUserError` describe. */
export interface Athena {
  readonly settings: AthenaSettings;
  /** Cannot be aborted: whoever starts a query has to learn its id, to be able to stop it. */
  start(statement: Statement, token: string, reuseMinutes: number): Promise<string>;
  look(id: string, signal: AbortSignal): Promise<Execution>;
  stop(id: string): Promise<void>;
  page(id: string, next: string | undefined, signal: AbortSignal): Promise<ResultPage>;
  /** A whole result file; fails when it is cut short. */
  file(location: string, signal: AbortSignal): Promise<Uint8Array>;
  workgroup(): Promise<WorkgroupFacts>;
  /** Column types by name, partition columns included, as the data catalog gives them. */
  columns(table: string): Promise<ReadonlyMap<string, { type: string; partition: boolean }>>;
  /** Resolves the region and the credentials without using them. */
  identity(): Promise<{ region: string; expires: Date | undefined }>;
  close(): void;
}

/**
 * A request that nobody answers fails as one that may pass: by itself the SDK would wait for ever. Neither limit counts
 * the time that a body takes to arrive, as long as it keeps arriving.
 */
const REQUEST_LIMITS = {
  connectionTimeout: 10_000,
  requestTimeout: 15_000,
  throwOnRequestTimeout: true,
  socketTimeout: 60_000,
};

/** Longest that Athena is waited for with one request, tries and the body of the answer included. */
const ANSWER_MS = 60_000;

/** The answer, or a failure that may pass: an answer cut short is waited for without end on Workers. */
function answered<T>(answer: Promise<T>): Promise<T> {
  return pTimeout(answer, {
    milliseconds: ANSWER_MS,
    message: `Athena did not answer within ${ANSWER_MS / 1_000} s`,
  });
}

/** The SDK's clients, and what was learned of the workgroup. */
interface Clients {
  readonly settings: AthenaSettings;
  readonly athena: AthenaClient;
  readonly s3: S3Client;
  workgroup: Promise<WorkgroupFacts> | undefined;
}

/** Opens the SDK's clients. Nothing is sent before the first request. */
export function openAthena({ access, ...settings }: AthenaSettings): Athena {
  const options = { maxAttempts: 3, requestHandler: REQUEST_LIMITS, ...access };
  const clients: Clients = {
    settings,
    athena: new AthenaClient(options),
    s3: new S3Client({ ...options, followRegionRedirects: true }),
    workgroup: undefined,
  };
  return {
    settings,
    start: (statement, token, reuseMinutes) => start(clients, statement, token, reuseMinutes),
    look: (id, signal) => look(clients, id, signal),
    async stop(id) {
      await answered(clients.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id })));
    },
    page: (id, next, signal) => page(clients, id, next, signal),
    file: (location, signal) => file(clients, location, signal),
    workgroup: () => workgroup(clients),
    columns: (table) => columns(clients, table),
    identity: () => identity(clients),
    close() {
      clients.athena.destroy();
      clients.s3.destroy();
    },
  };
}

async function start(clients: Clients, statement: Statement, token: string, reuseMinutes: number): Promise<string> {
  const { athena, settings } = clients;
  const { managed, enforced } = await workgroup(clients);
  const ownOutput = settings.output !== undefined && !managed && !enforced;
  const request = new StartQueryExecutionCommand({
    QueryString: statement.sql,
    ...(statement.parameters.length > 0 ? { ExecutionParameters: executionParameters(statement) } : {}),
    ClientRequestToken: token,
    QueryExecutionContext: { Catalog: settings.catalog, Database: settings.database },
    WorkGroup: settings.workgroup,
    ...(ownOutput ? { ResultConfiguration: { OutputLocation: settings.output } } : {}),
    ...(reuseMinutes > 0
      ? {
          ResultReuseConfiguration: {
            ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: reuseMinutes },
          },
        }
      : {}),
  });
  const answer = await answered(athena.send(request));
  return answer.QueryExecutionId as string;
}

async function look({ athena }: Clients, id: string, abortSignal: AbortSignal): Promise<Execution> {
  const request = new GetQueryExecutionCommand({ QueryExecutionId: id });
  const answer = await answered(athena.send(request, { abortSignal }));
  const { Status, Statistics, ResultConfiguration, ManagedQueryResultsConfiguration } = answer.QueryExecution ?? {};
  const failure = Status?.AthenaError;
  return {
    id,
    state: Status?.State ?? 'QUEUED',
    reason: Status?.StateChangeReason ?? failure?.ErrorMessage ?? '',
    retryable: failure?.Retryable === true || failure?.ErrorCategory === 1,
    scannedBytes: Number(Statistics?.DataScannedInBytes ?? 0),
    reused: Statistics?.ResultReuseInformation?.ReusedPreviousResult === true,
    submittedMs: Status?.SubmissionDateTime?.getTime() ?? 0,
    resultFile: ManagedQueryResultsConfiguration?.Enabled ? null : (ResultConfiguration?.OutputLocation ?? null),
  };
}

async function page(
  { athena }: Clients,
  id: string,
  next: string | undefined,
  abortSignal: AbortSignal,
): Promise<ResultPage> {
  const request = new GetQueryResultsCommand({
    QueryExecutionId: id,
    MaxResults: 1000,
    ...(next ? { NextToken: next } : {}),
  });
  const answer = await answered(athena.send(request, { abortSignal }));
  const rows = (answer.ResultSet?.Rows ?? []).map((row) => (row.Data ?? []).map((cell) => cell.VarCharValue ?? null));
  return { rows, next: answer.NextToken };
}

async function file({ s3 }: Clients, location: string, abortSignal: AbortSignal): Promise<Uint8Array> {
  const { hostname, pathname } = new URL(location);
  const answer = await s3.send(new GetObjectCommand({ Bucket: hostname, Key: decodeURIComponent(pathname.slice(1)) }), {
    abortSignal,
  });
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
  if (answer.ContentLength !== undefined && bytes.length !== answer.ContentLength) {
    throw new Error(`unexpected end of ${location}: ${bytes.length} of ${answer.ContentLength} bytes`);
  }
  return bytes;
}

async function columns(
  { athena, settings }: Clients,
  table: string,
): Promise<ReadonlyMap<string, { type: string; partition: boolean }>> {
  const [name, database = settings.database, catalog = settings.catalog] = table.split('.').reverse();
  const request = new GetTableMetadataCommand({
    CatalogName: catalog,
    DatabaseName: database,
    TableName: name,
    WorkGroup: settings.workgroup,
  });
  const answer = await athena.send(request).catch((error: Error) => {
    if (error.name !== 'MetadataException' && error.name !== 'EntityNotFoundException') throw toUserError(error);
    throw new UserError('unknown-table', `no table ${name} in ${catalog}.${database}: ${error.message}`, {
      cause: error,
    });
  });
  const described = (partition: boolean) => (column: { Name?: string | undefined; Type?: string | undefined }) =>
    [column.Name as string, { type: column.Type ?? '', partition }] as const;
  const { Columns = [], PartitionKeys = [] } = answer.TableMetadata ?? {};
  return new Map([...Columns.map(described(false)), ...PartitionKeys.map(described(true))]);
}

async function identity({ athena }: Clients): Promise<{ region: string; expires: Date | undefined }> {
  try {
    const region = await athena.config.region();
    const { expiration } = await athena.config.credentials();
    return { region, expires: expiration };
  } catch (error) {
    throw toUserError(error);
  }
}

/** The workgroup's facts, asked for once; again where the answer failed. */
function workgroup(clients: Clients): Promise<WorkgroupFacts> {
  clients.workgroup ??= workgroupFacts(clients.athena, clients.settings.workgroup);
  clients.workgroup.catch(() => {
    clients.workgroup = undefined;
  });
  return clients.workgroup;
}

async function workgroupFacts(athena: AthenaClient, name: string): Promise<WorkgroupFacts> {
  try {
    const { WorkGroup } = await answered(athena.send(new GetWorkGroupCommand({ WorkGroup: name })));
    const configuration = WorkGroup?.Configuration;
    return {
      enabled: WorkGroup?.State !== 'DISABLED',
      engine: configuration?.EngineVersion?.EffectiveEngineVersion ?? 'unknown engine',
      managed: configuration?.ManagedQueryResultsConfiguration?.Enabled === true,
      enforced: configuration?.EnforceWorkGroupConfiguration === true,
      output: configuration?.ResultConfiguration?.OutputLocation,
    };
  } catch (error) {
    // Who may query need not be allowed to read the workgroup: then nothing is known of it.
    if ((error as Error).name !== 'AccessDeniedException') throw isRetryable(error) ? error : toUserError(error);
    return { enabled: true, engine: 'unknown engine', managed: false, enforced: false, output: undefined };
  }
}
