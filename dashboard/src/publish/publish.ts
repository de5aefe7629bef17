import { UserError } from '@tidemark/shared/errors';
import type { PackagedVisual } from '../packaged-visual.ts';
import { NAME, reportFiles, semanticModelFiles } from '../project.ts';
import { refreshSchedule } from './schedule.ts';
import type { Service } from './service.ts';
import type { Settings } from './settings.ts';

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
  /** `skipped`: not asked for, or there are no credentials yet. */
  readonly refresh: 'completed' | 'skipped';
}

/**
 * Publishes semantic model and report to a workspace, sets parameters, credentials and schedule, and refreshes once.
 * May be run again at any time: what is there is updated.
 * @throws UserError where the service refuses, with the remedy.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { settings, service, report } = options;
  const workspace = await findWorkspace(service, settings.workspace);
  const group = `/groups/${workspace.id}`;
  const semanticModelId = await putItem(options, workspace.id, 'semanticModels', semanticModelFiles());
  const dataset = `${group}/datasets/${semanticModelId}`;
  if (settings.takeOver) await service.call('powerBi', 'POST', `${dataset}/Default.TakeOver`);
  await setParameters(options, dataset);
  const reference = { byConnection: { connectionString: `semanticmodelid=${semanticModelId}` } };
  const files = reportFiles(options.visual, { reference, theme: settings.theme });
  const reportId = await putItem(options, workspace.id, 'reports', files);
  const bound = await bindCredentials(options, dataset, `${workspace.displayName} → ${NAME} (semantic model)`);
  const times = await setSchedule(options, workspace.id, dataset);
  const refresh = settings.refresh && bound ? await refreshOnce(options, dataset) : 'skipped';
  report(`open it: https://app.powerbi.com/groups/${workspace.id}/reports/${reportId}`);
  return { semanticModelId, reportId, times, refresh };
}

async function findWorkspace(service: Service, wanted: string) {
  const all = await service.list('/workspaces');
  const found = all.find(({ id, displayName }) => id === wanted || displayName === wanted);
  if (found !== undefined) return found;
  const names = all.map(({ displayName }) => displayName).join(', ') || 'none';
  throw new UserError('unknown-workspace', `unknown workspace: ${wanted}; this identity sees ${names}`);
}

/** Creates or updates an item from its files and gives its id. */
async function putItem(
  { service, report }: PublishOptions,
  workspaceId: string,
  kind: 'semanticModels' | 'reports',
  files: ReadonlyMap<string, string>,
): Promise<string> {
  const path = `/workspaces/${workspaceId}/${kind}`;
  const parts = [...files].map(([name, text]) => ({
    path: name,
    payload: Buffer.from(text, 'utf8').toString('base64'),
    payloadType: 'InlineBase64',
  }));
  const existing = async () => (await service.list(path)).find(({ displayName }) => displayName === NAME)?.id;
  const id = await existing();
  if (id !== undefined) {
    await service.operate('POST', `${path}/${id}/updateDefinition`, { definition: { parts } });
    report(`updated ${kind}/${id}: ${parts.length} files`);
    return id;
  }
  const created = await service.operate('POST', path, { displayName: NAME, definition: { parts } });
  const newId: string | undefined = created?.id ?? (await existing());
  if (newId === undefined) throw new Error(`${kind}: created, but not listed`);
  report(`created ${kind}/${newId}: ${parts.length} files`);
  return newId;
}

async function setParameters({ settings, service, report }: PublishOptions, dataset: string) {
  const values = {
    BaseUrl: settings.baseUrl,
    HistoryDays: String(settings.historyDays),
    Coverage: String(settings.coverage),
  };
  const updateDetails = Object.entries(values).map(([name, newValue]) => ({ name, newValue }));
  await service.call('powerBi', 'POST', `${dataset}/Default.UpdateParameters`, { updateDetails });
  report(`parameters: ${updateDetails.map(({ name, newValue }) => `${name} = ${newValue}`).join(', ')}`);
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
  const answer = await service.call('powerBi', 'PATCH', path, { credentialDetails }, [400, 403, 404]);
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
    service.call(
      'powerBi',
      'PATCH',
      `${dataset}/refreshSchedule`,
      {
        value: {
          enabled: true,
          days: DAYS,
          times,
          localTimeZoneId: 'UTC',
          notifyOption: settings.signIn === 'service-principal' ? 'NoNotification' : 'MailOnFailure',
        },
      },
      expected,
    );
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

async function refreshOnce({ service, report }: PublishOptions, dataset: string): Promise<'completed'> {
  await service.call('powerBi', 'POST', `${dataset}/refreshes`, { notifyOption: 'NoNotification' });
  for (let poll = 0; poll < REFRESH_POLLS; poll++) {
    await service.sleep(10_000);
    const { body } = await service.call('powerBi', 'GET', `${dataset}/refreshes?$top=1`);
    const [latest] = body.value;
    if (latest?.status === 'Completed') {
      report(`first refresh completed at ${latest.endTime}`);
      return 'completed';
    }
    if (latest !== undefined && latest.status !== 'Unknown') {
      throw new UserError(
        'refresh-failed',
        `the first refresh ended as ${latest.status}: ${latest.serviceExceptionJson}`,
      );
    }
  }
  throw new UserError('refresh-slow', 'the first refresh has not ended after 20 minutes; see the refresh history');
}
