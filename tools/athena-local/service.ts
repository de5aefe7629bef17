import { randomUUID } from 'node:crypto';
import type { Engine, EngineResult } from './engine.ts';
import type { Faults } from './faults.ts';
import { bind, Refused } from './parameters.ts';

/** An error of the service, as its JSON protocol tells it. */
export class ServiceError extends Error {
  readonly type: string;
  readonly status: number;
  readonly fields: Record<string, unknown>;
  constructor(type: string, message: string, status = 400, fields: Record<string, unknown> = {}) {
    super(message);
    this.type = type;
    this.status = status;
    this.fields = fields;
  }
}

/** How a workgroup of the stand-in keeps results. */
export interface Workgroup {
  readonly managed?: boolean;
  readonly enforced?: boolean;
  readonly output?: string;
}

/** One query execution, from its start to its result. */
export interface StoredExecution {
  readonly id: string;
  readonly token: string;
  readonly request: string;
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly workgroup: string;
  readonly location: string | null;
  readonly submittedMs: number;
  /** When it began to read, and what it had read when it was stopped. */
  startedMs?: number;
  stoppedAfter?: number;
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
  error?: { ErrorCategory: number; ErrorType: number; Retryable: boolean; ErrorMessage: string };
  result?: EngineResult;
}

type Body = Record<string, unknown>;

/** Athena's operations over an engine; `handle` takes the operation's name and its JSON. */
export class AthenaService {
  readonly executions = new Map<string, StoredExecution>();
  readonly workgroups: Record<string, Workgroup>;
  private readonly byToken = new Map<string, string>();
  /** What the engine is at. */
  private readonly underWay = new Set<Promise<EngineResult>>();
  private readonly engine: Engine;
  private readonly faults: Faults;
  private readonly dice: (share: number) => boolean;

  constructor(engine: Engine, workgroups: Record<string, Workgroup>, faults: Faults, dice: (share: number) => boolean) {
    this.engine = engine;
    this.workgroups = workgroups;
    this.faults = faults;
    this.dice = dice;
  }

  async answer(operation: string, body: Body): Promise<unknown> {
    switch (operation) {
      case 'StartQueryExecution':
        return { QueryExecutionId: this.start(body) };
      case 'GetQueryExecution':
        return { QueryExecution: this.describe(this.find(body.QueryExecutionId)) };
      case 'BatchGetQueryExecution':
        return this.batch(body.QueryExecutionIds as string[]);
      case 'GetQueryResults':
        return this.page(body);
      case 'StopQueryExecution':
        return this.stop(this.find(body.QueryExecutionId));
      case 'GetWorkGroup':
        return this.workgroup(String(body.WorkGroup));
      case 'GetTableMetadata':
        return this.table(String(body.TableName), String(body.DatabaseName));
      default:
        throw new ServiceError('InvalidRequestException', `operation ${operation} is not supported here`);
    }
  }

  private start(body: Body): string {
    const token = String(body.ClientRequestToken ?? '');
    if (token.length < 32 || token.length > 128) {
      throw new ServiceError('InvalidRequestException', 'ClientRequestToken must have 32 to 128 characters');
    }
    const request = JSON.stringify(body);
    const known = this.byToken.get(token);
    if (known) {
      if (this.executions.get(known)?.request === request) return known;
      throw new ServiceError('InvalidRequestException', 'Idempotent parameters do not match');
    }
    const name = String(body.WorkGroup ?? 'primary');
    const workgroup = this.workgroups[name];
    if (!workgroup) throw new ServiceError('InvalidRequestException', `WorkGroup ${name} is not found.`);
    const underWay = [...this.executions.values()].filter(
      ({ state }) => state === 'QUEUED' || state === 'RUNNING',
    ).length;
    if (underWay >= this.faults.concurrent) {
      throw new ServiceError(
        'TooManyRequestsException',
        'You have exceeded the limit for the number of queries you can run concurrently.',
        400,
        {
          Reason: 'CONCURRENT_QUERY_LIMIT_EXCEEDED',
        },
      );
    }
    const parameters = (body.ExecutionParameters as string[] | undefined) ?? [];
    const sql = refuseOrBind(String(body.QueryString), parameters);
    const id = randomUUID();
    const execution: StoredExecution = {
      id,
      token,
      request,
      sql,
      parameters,
      workgroup: name,
      location: this.locationOf(workgroup, body, id),
      submittedMs: Date.now(),
      state: 'QUEUED',
    };
    this.executions.set(id, execution);
    this.byToken.set(token, id);
    setTimeout(() => void this.run(execution), this.faults.queueMs);
    return id;
  }

  private locationOf(workgroup: Workgroup, body: Body, id: string): string | null {
    const wanted = (body.ResultConfiguration as { OutputLocation?: string } | undefined)?.OutputLocation;
    if (workgroup.managed) {
      if (body.ResultConfiguration) {
        throw new ServiceError(
          'InvalidRequestException',
          'ResultConfiguration is not allowed in a workgroup with managed query results',
        );
      }
      return null;
    }
    const output = workgroup.enforced ? workgroup.output : (wanted ?? workgroup.output);
    if (!output)
      throw new ServiceError('InvalidRequestException', 'No output location provided. An output location is required.');
    return `${output.replace(/\/?$/, '/')}${id}.csv`;
  }

  private async run(execution: StoredExecution): Promise<void> {
    if (execution.state !== 'QUEUED') return;
    execution.state = 'RUNNING';
    execution.startedMs = Date.now();
    if (this.dice(this.faults.failRetryable))
      return fail(execution, 1, true, 'GENERIC_INTERNAL_ERROR: a worker node was lost');
    if (this.dice(this.faults.failFinal)) return fail(execution, 2, false, 'HIVE_BAD_DATA: a file is broken');
    if (this.dice(this.faults.cancel)) {
      execution.state = 'CANCELLED';
      execution.reason = 'Query cancelled by user';
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, this.faults.runMs));
    if (execution.state !== ('RUNNING' as StoredExecution['state'])) return;
    try {
      const running = this.engine.run(execution.sql);
      this.underWay.add(running);
      execution.result = await running.finally(() => this.underWay.delete(running));
      execution.state = 'SUCCEEDED';
    } catch (error) {
      const [reason = ''] = (error as Error).message.split('\n');
      fail(execution, 2, false, /^[A-Z_]+: /.test(reason) ? reason : `SYNTAX_ERROR: ${reason}`);
    }
  }

  /** Cancels what waits, and resolves when the engine is idle: one that is closed in the middle of a query ends the process. */
  async close(): Promise<void> {
    for (const execution of this.executions.values()) this.stop(execution);
    await Promise.allSettled(this.underWay);
  }

  private stop(execution: StoredExecution): object {
    if (execution.state === 'QUEUED' || execution.state === 'RUNNING') {
      execution.stoppedAfter = this.bytesRead(execution);
      execution.state = 'CANCELLED';
      execution.reason = 'Query cancelled by user';
    }
    return {};
  }

  private page(body: Body): unknown {
    const execution = this.find(body.QueryExecutionId);
    if (execution.state !== 'SUCCEEDED' || !execution.result) {
      throw new ServiceError(
        'InvalidRequestException',
        `Query has not yet finished. Current state: ${execution.state}`,
      );
    }
    const size = Number(body.MaxResults ?? 1000);
    if (!(size >= 1 && size <= 1000)) throw new ServiceError('InvalidRequestException', 'MaxResults must be 1 to 1000');
    const { columns, rows } = execution.result;
    const all = [columns, ...rows];
    const from = body.NextToken === undefined ? 0 : Number(Buffer.from(String(body.NextToken), 'base64url').toString());
    const upTo = from + size;
    return {
      ResultSet: {
        ResultSetMetadata: { ColumnInfo: columns.map((Name) => ({ Name, Type: 'varchar' })) },
        Rows: all
          .slice(from, upTo)
          .map((row) => ({ Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell })) })),
      },
      ...(upTo < all.length ? { NextToken: Buffer.from(String(upTo)).toString('base64url') } : {}),
    };
  }

  /** Bytes that a query has read: of a running one, as many as its time allows. */
  private bytesRead({ state, result, startedMs = Date.now(), stoppedAfter }: StoredExecution): number {
    if (state === 'RUNNING') return Math.round((Date.now() - startedMs) * this.faults.readsPerMs);
    return result?.scannedBytes ?? stoppedAfter ?? 0;
  }

  private describe(execution: StoredExecution): unknown {
    return describe(execution, this.bytesRead(execution));
  }

  private batch(ids: string[]): unknown {
    const known = ids.flatMap((id) => this.executions.get(id) ?? []);
    return {
      QueryExecutions: known.map((execution) => this.describe(execution)),
      UnprocessedQueryExecutionIds: ids
        .filter((id) => !this.executions.has(id))
        .map((QueryExecutionId) => ({
          QueryExecutionId,
          ErrorCode: 'InvalidRequestException',
          ErrorMessage: 'not found',
        })),
    };
  }

  private workgroup(name: string): unknown {
    const workgroup = this.workgroups[name];
    if (!workgroup) throw new ServiceError('InvalidRequestException', `WorkGroup ${name} is not found.`);
    return {
      WorkGroup: {
        Name: name,
        State: 'ENABLED',
        Configuration: {
          EnforceWorkGroupConfiguration: workgroup.enforced ?? false,
          ResultConfiguration: workgroup.output ? { OutputLocation: workgroup.output } : {},
          ManagedQueryResultsConfiguration: { Enabled: workgroup.managed ?? false },
          EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
        },
      },
    };
  }

  private async table(name: string, database: string): Promise<unknown> {
    const found = await this.engine.describe(name);
    if (!found) {
      throw new ServiceError(
        'MetadataException',
        `EntityNotFoundException: Entity Not Found: table ${database}.${name}`,
      );
    }
    return { TableMetadata: { Name: name, Columns: found.columns, PartitionKeys: found.partitions } };
  }

  private find(id: unknown): StoredExecution {
    const execution = this.executions.get(String(id));
    if (!execution) throw new ServiceError('InvalidRequestException', `QueryExecution ${id} was not found`);
    return execution;
  }
}

function refuseOrBind(sql: string, parameters: readonly string[]): string {
  try {
    return bind(sql, parameters);
  } catch (error) {
    if (error instanceof Refused) throw new ServiceError('InvalidRequestException', error.message);
    throw error;
  }
}

function fail(execution: StoredExecution, category: number, retryable: boolean, message: string): void {
  execution.error = { ErrorCategory: category, ErrorType: category * 100, Retryable: retryable, ErrorMessage: message };
  execution.reason = message;
  execution.state = 'FAILED';
}

function describe(execution: StoredExecution, bytesRead: number): unknown {
  return {
    QueryExecutionId: execution.id,
    Query: execution.sql,
    StatementType: 'DML',
    WorkGroup: execution.workgroup,
    ...(execution.location
      ? { ResultConfiguration: { OutputLocation: execution.location } }
      : { ManagedQueryResultsConfiguration: { Enabled: true } }),
    Status: {
      State: execution.state,
      SubmissionDateTime: execution.submittedMs / 1000,
      ...(execution.reason ? { StateChangeReason: execution.reason } : {}),
      ...(execution.error ? { AthenaError: execution.error } : {}),
    },
    Statistics: { DataScannedInBytes: bytesRead },
  };
}
