import { SEVERITIES } from '@tidemark/shared/vocabulary';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Webhook } from '../notify/webhooks.ts';
import type { StoredCycle } from '../store/cycles.ts';
import type { Db } from '../store/db.ts';
import { isStorageFull } from '../store/full.ts';
import {
  lastCheck,
  noteCheck,
  openServiceIncidents,
  type ServiceChange,
  type ServiceIncident,
  writeServiceIncidents,
} from '../store/service-incidents.ts';
import { type Finding, findServiceIncidents } from './findings.ts';
import type { DiskSpace, ProcessNotes, ServiceState, StateReader } from './state.ts';

export interface MonitorDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly webhooks: readonly Webhook[];
  readonly read: StateReader;
  /** Kept up to date by the monitor, read by `read`. */
  readonly notes: ProcessNotes;
  /** Whether `check` is called every minute: then a longer pause tells of a clock that jumped, or of a time without service. */
  readonly isPeriodic: boolean;
  readonly disk?: (() => Promise<DiskSpace | null>) | undefined;
  /** Throws where what is stored now will be lost, though the database gives no error. */
  readonly databaseIsThere?: (() => Promise<void>) | undefined;
  /**
   * Sends a message without the database, which cannot keep it.
   * @returns whether the receiver took it.
   */
  readonly tell: (webhook: Webhook, event: 'open' | 'close', incident: ServiceIncident) => Promise<boolean>;
}

/** What a check found. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  /** `null` where the database could not say. */
  readonly lastCycle: StoredCycle | null;
  /** Whether messages are owed now. */
  readonly owes: boolean;
  /** Whether something critical was opened. */
  readonly isWorse: boolean;
}

export interface Monitor {
  /** Looks at the service, opens and closes its incidents, and queues their messages. Never throws. */
  check(): Promise<CheckReport>;
}

/** What is not found any more is over after this long, so that what comes and goes is told once. */
const LINGER_MS = 10 * 60_000;
/** Checks a minute apart that lie further apart than this did not run in between. */
const PAUSE_MS = 10 * 60_000;
const CLOCK_TOLERANCE_MS = 60_000;

interface MonitorState {
  /** When this process last checked. */
  checkedAt: number | null;
  /** The outage of the database that is told without it, and who knows of it. */
  outage: { readonly incident: ServiceIncident; readonly told: Set<string> } | null;
  running: Promise<CheckReport> | null;
}

/** Watches the service itself: what is wrong is stored, told once to each webhook, and told again when it is over. */
export function createMonitor(deps: MonitorDeps): Monitor {
  const state: MonitorState = { checkedAt: null, outage: null, running: null };
  return {
    check() {
      state.running ??= check(deps, state).finally(() => {
        state.running = null;
      });
      return state.running;
    },
  };
}

async function check(deps: MonitorDeps, state: MonitorState): Promise<CheckReport> {
  const { clock, notes, log } = deps;
  const now = clock.wall();
  notes.disk = (await deps.disk?.().catch(() => null)) ?? null;
  const seen = await look(deps, state, now);
  try {
    if (seen === null) return await tellOutage(deps, state, now);
    await tellRecovery(deps, state);
    const findings = findServiceIncidents(seen);
    const changes = changesOf(deps.webhooks, findings, await openServiceIncidents(deps.db), now);
    await writeServiceIncidents(deps.db, changes.changes, changes.seen, now);
    for (const { incident, event } of changes.changes) {
      const { id, kind, subject, severity } = incident;
      log(event === 'close' ? 'info' : 'warn', 'service-incident', { incident: id, kind, subject, severity, event });
    }
    return {
      findings,
      lastCycle: seen.lastCycle,
      owes: changes.changes.some(({ webhooks }) => webhooks.length > 0),
      isWorse: changes.changes.some(({ incident, event }) => event !== 'close' && incident.severity === 'critical'),
    };
  } catch (error) {
    noteFailure(deps, error);
    return tellOutage(deps, state, now);
  }
}

/** Reads how the service is and proves that the database can be written; `null` where it fails. */
async function look(deps: MonitorDeps, memory: MonitorState, now: number): Promise<ServiceState | null> {
  const { db, notes, clock } = deps;
  try {
    if (deps.isPeriodic && clock.kind === 'wall') await noteTime(deps, memory, now);
    await deps.databaseIsThere?.();
    await noteCheck(db, now);
    const state = await deps.read();
    notes.storage = 'ok';
    noteProgress(notes, state, now);
    return state;
  } catch (error) {
    noteFailure(deps, error);
    return null;
  } finally {
    memory.checkedAt = now;
  }
}

function noteFailure({ notes, log }: MonitorDeps, error: unknown): void {
  const storage = isStorageFull(error) ? 'full' : 'failing';
  if (notes.storage !== storage) log('error', `database-${storage}`, { error: String(error).slice(0, 500) });
  notes.storage = storage;
}

function noteProgress(notes: ProcessNotes, { lastCycle }: ServiceState, now: number): void {
  const done = lastCycle === null ? '' : `${lastCycle.id} ${lastCycle.bands} ${lastCycle.verdicts}`;
  if (notes.progress?.done !== done) notes.progress = { done, since: now };
}

async function noteTime({ db, notes }: MonitorDeps, { checkedAt }: MonitorState, now: number): Promise<void> {
  const last = checkedAt ?? (await lastCheck(db));
  if (last === null) return;
  const gap = now - last;
  if (gap < -CLOCK_TOLERANCE_MS || (gap > PAUSE_MS && checkedAt !== null)) notes.jump = { at: now, byMs: gap };
  else if (gap > PAUSE_MS) notes.downtime = { at: now, from: last, to: now };
  // Of a clock that was ahead: what it noted then is of the future.
  if (notes.jump !== null && notes.jump.at > now + CLOCK_TOLERANCE_MS) notes.jump = { at: now, byMs: gap };
}

/** What opens, gets worse or is over, and the ids of what goes on. */
function changesOf(
  webhooks: readonly Webhook[],
  findings: readonly Finding[],
  open: readonly ServiceIncident[],
  now: number,
): { changes: ServiceChange[]; seen: string[] } {
  const keyOf = ({ kind, subject }: Pick<Finding, 'kind' | 'subject'>) => `${kind} ${subject}`;
  const openByKey = new Map(open.map((incident) => [keyOf(incident), incident]));
  const changes: ServiceChange[] = [];
  const seen: string[] = [];
  for (const finding of findings) {
    const known = openByKey.get(keyOf(finding));
    openByKey.delete(keyOf(finding));
    if (known === undefined) {
      const incident = opened(finding, now);
      changes.push({ incident, event: 'open', webhooks: listeners(webhooks, incident) });
    } else if (SEVERITIES.indexOf(finding.severity) > SEVERITIES.indexOf(known.severity)) {
      const incident = { ...known, severity: finding.severity, facts: finding.facts, seenAt: now };
      changes.push({ incident, event: 'escalate', webhooks: listeners(webhooks, incident) });
    } else seen.push(known.id);
  }
  for (const incident of openByKey.values()) {
    const isOver = now - incident.seenAt >= LINGER_MS || incident.seenAt - now > CLOCK_TOLERANCE_MS;
    if (!isOver) continue;
    changes.push({ incident: { ...incident, closedAt: now }, event: 'close', webhooks: listeners(webhooks, incident) });
  }
  return { changes, seen };
}

function opened({ kind, subject, severity, facts }: Finding, now: number): ServiceIncident {
  const id = `service-${crypto.randomUUID()}`;
  return { id, kind, subject, severity, openedAt: now, seenAt: now, closedAt: null, facts };
}

/** Names of webhooks that hear of an incident: those of its severity, but not the one that fails. */
function listeners(webhooks: readonly Webhook[], { kind, subject, severity }: ServiceIncident): string[] {
  const isOfWebhook = kind === 'webhook-failing' || kind === 'messages-stuck';
  return webhooks
    .filter((hook) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(hook.severity))
    .map(({ name }) => name)
    .filter((name) => !(isOfWebhook && name === subject));
}

/** Tells that the database fails, which cannot keep the message: each webhook is tried at every check until it has taken it. */
async function tellOutage(deps: MonitorDeps, state: MonitorState, now: number): Promise<CheckReport> {
  const kind = deps.notes.storage === 'full' ? 'database-full' : 'database-failing';
  const finding: Finding = { kind, subject: '', severity: 'critical', facts: {} };
  const isNew = state.outage === null;
  state.outage ??= { incident: opened(finding, now), told: new Set() };
  const { incident, told } = state.outage;
  if (isNew)
    deps.log('error', 'service-incident', { incident: incident.id, kind, severity: 'critical', event: 'open' });
  const untold = deps.webhooks.filter(({ name }) => !told.has(name));
  await Promise.all(untold.map(async (hook) => (await deps.tell(hook, 'open', incident)) && told.add(hook.name)));
  return { findings: [finding], lastCycle: null, owes: false, isWorse: isNew };
}

/** Tells those who know of an outage that it is over. */
async function tellRecovery(deps: MonitorDeps, state: MonitorState): Promise<void> {
  if (state.outage === null) return;
  const { incident, told } = state.outage;
  state.outage = null;
  const over = { ...incident, closedAt: deps.clock.wall() };
  deps.log('info', 'service-incident', { incident: incident.id, kind: incident.kind, event: 'close' });
  await Promise.all(deps.webhooks.filter(({ name }) => told.has(name)).map((hook) => deps.tell(hook, 'close', over)));
}
