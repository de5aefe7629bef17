import { UserError } from '@tidemark/shared/errors';
import type { PackagedVisual } from '../packaged-visual.ts';
import { NAME, type ParameterValues, reportFiles, semanticModelFiles } from '../project.ts';
import { refreshSchedule } from './schedule.ts';
import { errorText, type Service } from './service.ts';
import type { Settings } from './settings.ts';
import { storedParameters, storedTheme } from './stored.ts';

export interface PublishOptions {
  readonly settings: Settings;
  readonly visual: PackagedVisual;
  readonly service: Service;
  /** Told what was done, a line each. */
  readonly report: (line: string) => void;
  readonly now: () => number;
}

export interface Published {
  readonly semanticModelId: string;
  readonly reportId: string;
  readonly times: readonly string[];
  /** `skipped`: not asked for, there are no credentials yet, or the service takes no more refreshes today. */
  readonly refresh: 'completed' | 'skipped';
}

/**
 * Publishes semantic model and report to a workspace, sets credentials and schedule, and refreshes once. The values of
 * the parameters travel inside the definition: at no time does what runs ask another address than the one given.
 * May be run again at any time: what is there is updated, and a run that ended half-way is completed.
 * @throws UserError where the service refuses, with the remedy, what is done already and what is not.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { settings, service, report } = options;
  const workspace = await findWorkspace(service, settings.workspace);
  const group = `/groups/${workspace.id}`;
  const done: string[] = [];
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      done.push(name);
      return result;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const state = done.length === 0 ? 'nothing was changed' : `done before it: ${done.join(', ')}`;
      throw new UserError(error.code, `${name}: ${error.message}; ${state}. Run the same command again to go on`, {
        cause: error,
      });
    }
  };

  const models: Items = { workspaceId: workspace.id, kind: 'semanticModels' };
  const existing = await findItem(service, models);
  if (settings.takeOver && existing !== undefined) {
    const path = `${group}/datasets/${existing}/Default.TakeOver`;
    await step('take-over', () => service.call('powerBi', 'POST', path));
  }
  const parameters = await step('parameters', () => parametersOf(options, models, existing));
  const semanticModelId = await step('semantic model', () =>
    putItem(options, models, semanticModelFiles(parameters), existing),
  );
  const dataset = `${group}/datasets/${semanticModelId}`;
  const reference = { byConnection: { connectionString: `semanticmodelid=${semanticModelId}` } };
  const reports: Items = { workspaceId: workspace.id, kind: 'reports' };
  const reportId = await step('report', async () => {
    const id = await findItem(service, reports);
    const kept = settings.theme ?? (id === undefined ? undefined : await storedTheme(service, { ...reports, id }));
    const files = reportFiles(options.visual, { reference, ...(kept === undefined ? {} : { theme: kept }) });
    return putItem(options, reports, files, id);
  });
  const place = `${workspace.displayName} → ${NAME} (semantic model)`;
  const bound = await step('credentials', () =>
    settings.connection === undefined
      ? bindCredentials(options, dataset, place)
      : bindConnection(options, workspace.id, semanticModelId, settings.connection),
  );
  const times = await step('schedule', () => setSchedule(options, workspace.id, dataset));
  const refresh =
    settings.refresh && bound ? await step('first refresh', () => refreshOnce(options, dataset)) : 'skipped';
  report(`open it: https://app.powerbi.com/groups/${workspace.id}/reports/${reportId}`);
  return { semanticModelId, reportId, times, refresh };
}

/**
 * The parameters as M expressions: those given, and of a model that is there already the others as they are. What is
 * left out has the default of the definition.
 */
async function parametersOf(
  { settings, service, report }: PublishOptions,
  models: Items,
  existing: string | undefined,
): Promise<ParameterValues> {
  const { baseUrl, historyDays, coverage, language, access } = settings;
  const asGiven = {
    HistoryDays: historyDays === undefined ? undefined : String(historyDays),
    Coverage: coverage === undefined ? undefined : String(coverage),
    Language: language === undefined ? undefined : textInM(language),
    AccessList: access === undefined ? undefined : textInM(access),
  };
  const names = Object.keys(asGiven) as (keyof typeof asGiven)[];
  const open = names.filter((name) => asGiven[name] === undefined);
  const kept = existing === undefined ? {} : await storedParameters(service, { ...models, id: existing }, open);
  const value = (name: keyof typeof asGiven) => asGiven[name] ?? kept[name];
  const told = names.map((name) => `${name} ${tell(name, value(name))}${name in kept ? ' (kept)' : ''}`);
  report(`parameters, in the definition: BaseUrl = ${baseUrl}, ${told.join(', ')}`);
  const values = names.flatMap((name) => {
    const expression = value(name);
    return expression === undefined ? [] : [[name, expression]];
  });
  return { BaseUrl: textInM(baseUrl), ...Object.fromEntries(values) };
}

/** What a parameter is, for a person: of the list of who sees what only how long it is. */
function tell(name: string, expression: string | undefined): string {
  if (expression === undefined) return 'by default';
  return name === 'AccessList' ? `of ${expression.split('=').length - 1} pairs` : `= ${expression}`;
}

/** A text as M writes it: quotation marks are doubled, and `#(`, which begins an escape, is one itself. */
function textInM(text: string): string {
  return `"${text.replaceAll('"', '""').replaceAll('#(', '#(#)(')}"`;
}

async function findWorkspace(service: Service, wanted: string) {
  const all = await service.list('/workspaces');
  const found = all.find(({ id, displayName }) => id === wanted || displayName === wanted);
  if (found !== undefined) return found;
  const names = all.map(({ displayName }) => displayName).join(', ') || 'none';
  throw new UserError('unknown-workspace', `unknown workspace: ${wanted}; this identity sees ${names}`);
}

/** The items of one kind in a workspace. */
interface Items {
  readonly workspaceId: string;
  readonly kind: 'semanticModels' | 'reports';
}

async function findItem(service: Service, { workspaceId, kind }: Items): Promise<string | undefined> {
  const all = await service.list(`/workspaces/${workspaceId}/${kind}`);
  return all.find(({ displayName }) => displayName === NAME)?.id;
}

/** Creates an item from its files, or updates the one there is, and gives its id. */
async function putItem(
  { service, report }: PublishOptions,
  items: Items,
  files: ReadonlyMap<string, string>,
  id: string | undefined,
): Promise<string> {
  const { kind } = items;
  const path = `/workspaces/${items.workspaceId}/${kind}`;
  const parts = [...files].map(([name, text]) => ({
    path: name,
    payload: Buffer.from(text, 'utf8').toString('base64'),
    payloadType: 'InlineBase64',
  }));
  if (id !== undefined) {
    await service.operate('POST', `${path}/${id}/updateDefinition`, { definition: { parts } });
    report(`updated ${kind}/${id}: ${parts.length} files`);
    return id;
  }
  const created = await service.operate('POST', path, { displayName: NAME, definition: { parts } });
  const newId: string | undefined = created?.id ?? (await findItem(service, items));
  if (newId === undefined) throw new Error(`${kind}: created, but not listed`);
  report(`created ${kind}/${newId}: ${parts.length} files`);
  return newId;
}

/** Binds the semantic model to a connection that exists already, with its credentials (Fabric, all connectivity types). */
async function bindConnection(
  { settings, service, report }: PublishOptions,
  workspaceId: string,
  semanticModelId: string,
  connection: string,
): Promise<boolean> {
  const path = `/workspaces/${workspaceId}/semanticModels/${semanticModelId}/bindConnection`;
  const connectionBinding = {
    id: connection,
    connectivityType: 'ShareableCloud',
    connectionDetails: { type: 'Web', path: settings.baseUrl },
  };
  await service.call('fabric', 'POST', path, { body: { connectionBinding } });
  report(`credentials: bound to connection ${connection}`);
  return true;
}

/** Binds the key to the API's address; where that cannot be done, says where to click. */
async function bindCredentials(
  { settings, service, report }: PublishOptions,
  dataset: string,
  place: string,
): Promise<boolean> {
  const byHand = (why: string) => {
    report(`credentials not set: ${why}. Do it by hand, once:`);
    report(`  app.powerbi.com → ${place} → … → Settings → Data source credentials → Edit credentials`);
    report('  Authentication method: Key · Account key: the API key with scope read · Privacy level: Organizational');
    return false;
  };
  if (settings.apiKey === undefined) return byHand('no TIDEMARK_READ_KEY in the environment');
  const { body } = await service.call('powerBi', 'GET', `${dataset}/datasources`);
  const source = body.value.find(({ datasourceType }: { datasourceType: string }) => datasourceType === 'Web');
  if (source?.gatewayId === undefined || source.datasourceId === undefined) {
    return byHand('the service has not made the data source yet');
  }
  const path = `/gateways/${source.gatewayId}/datasources/${source.datasourceId}`;
  const credentials = JSON.stringify({ credentialData: [{ name: 'key', value: settings.apiKey }] });
  const credentialDetails = {
    credentialType: 'Key',
    credentials,
    encryptedConnection: 'Encrypted',
    encryptionAlgorithm: 'None',
    privacyLevel: 'Organizational',
  };
  const answer = await service.call('powerBi', 'PATCH', path, {
    body: { credentialDetails },
    expected: [400, 403, 404],
  });
  if (answer.status >= 300) return byHand(`the service answered ${answer.status}`);
  report(`credentials: key bound to ${source.connectionDetails?.url ?? settings.baseUrl}`);
  return true;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Sets the refresh times; where the service takes half hours only, ten minutes later. */
async function setSchedule({ settings, service, report, now }: PublishOptions, workspaceId: string, dataset: string) {
  const filter = encodeURIComponent(`id eq '${workspaceId}'`);
  const { body } = await service.call('powerBi', 'GET', `/groups?$filter=${filter}`);
  const dedicated = body.value[0]?.isOnDedicatedCapacity === true;
  const put = (times: readonly string[], expected: readonly number[]) =>
    service.call('powerBi', 'PATCH', `${dataset}/refreshSchedule`, {
      body: {
        value: {
          enabled: true,
          days: DAYS,
          times,
          localTimeZoneId: 'UTC',
          notifyOption: settings.signIn === 'service-principal' ? 'NoNotification' : 'MailOnFailure',
        },
      },
      expected,
    });
  const asked = { dedicated, timeZone: settings.timeZone, now: now(), stepMs: settings.stepMs };
  let schedule = refreshSchedule(asked);
  const first = await put(schedule.times, [400]);
  if (first.status === 400) {
    schedule = refreshSchedule({ ...asked, minute: 30 });
    await put(schedule.times, []);
    report('the service takes whole and half hours only: refreshing at half past instead of twenty past');
  }
  report(`refresh: ${schedule.times.length} a day, at ${schedule.times.join(' ')} UTC`);
  if (schedule.remark !== null) report(schedule.remark);
  return schedule.times;
}

const REFRESH_POLLS = 120;
/** Refusals of a refresh: one is running already, or as many as the capacity allows were asked for today. */
const REFRESH_REFUSED = [400, 409, 429];

async function refreshOnce({ service, report }: PublishOptions, dataset: string): Promise<'completed' | 'skipped'> {
  const latest = async () => (await service.call('powerBi', 'GET', `${dataset}/refreshes?$top=1`)).body.value[0];
  const asked = await service.call('powerBi', 'POST', `${dataset}/refreshes`, {
    body: { notifyOption: 'NoNotification' },
    expected: REFRESH_REFUSED,
  });
  if (asked.status >= 300) {
    if (!isRunning(await latest())) {
      const reason = `${asked.status}, ${errorText(asked.body)}`;
      report(`no refresh now: the service takes none (${reason}); the next one of the schedule loads the data`);
      return 'skipped';
    }
    report('a refresh is running already: waiting for that one');
  }
  for (let poll = 0; poll < REFRESH_POLLS; poll++) {
    await service.sleep(10_000);
    const refresh = await latest();
    if (refresh?.status === 'Completed') {
      report(`first refresh completed at ${refresh.endTime}`);
      return 'completed';
    }
    if (refresh !== undefined && !isRunning(refresh)) {
      throw new UserError(
        'refresh-failed',
        `the first refresh ended as ${refresh.status}: ${refresh.serviceExceptionJson}`,
      );
    }
  }
  throw new UserError('refresh-slow', 'the first refresh has not ended after 20 minutes; see the refresh history');
}

/** Power BI says `Unknown` of a refresh under way. */
function isRunning(refresh: { readonly status?: string } | undefined): boolean {
  return refresh?.status === 'Unknown';
}
