import type { DueDelivery } from '../store/deliveries.ts';

/** How a try went. */
export type Sent =
  | { readonly kind: 'done' }
  /** Refused, or given up where `next` is `null`: of other incidents the receiver may take messages all the same. */
  | { readonly kind: 'refused'; readonly next: number | null }
  /** The receiver gave no answer at all. */
  | { readonly kind: 'unreachable'; readonly next: number | null };

export interface InOrder {
  /** Sends one message. */
  readonly send: (delivery: DueDelivery) => Promise<Sent>;
  /** Puts messages off without a try. */
  readonly putOff: (deliveries: readonly DueDelivery[], next: number) => Promise<void>;
  /** When a message that nobody here has, and that comes before, is sent; `null`: there is none. */
  readonly before: (delivery: DueDelivery) => Promise<number | null>;
  /** When messages for which there is no time left are sent; `null` while there is. */
  readonly outOfTime: () => number | null;
}

/** Messages that one receiver gets at a time; the time of a try runs from its own beginning, not from when it was queued. */
const AT_ONCE = 4;
const ORDER: readonly string[] = ['open', 'escalate', 'close', 'withdraw'];

/**
 * Sends messages so that what is told of one incident to one receiver arrives in order: what comes after a message that
 * failed waits with it. A receiver that gives no answer is not tried with the others that are due for it.
 */
export async function sendInOrder(due: readonly DueDelivery[], how: InOrder): Promise<void> {
  const lanes = groupsBy(due, ({ webhook }) => webhook);
  await Promise.all(lanes.map((lane) => sendLane(lane, how)));
}

async function sendLane(lane: readonly DueDelivery[], how: InOrder): Promise<void> {
  const stories = groupsBy(lane, ({ incident }) => incident).map((story) =>
    story.sort((one, other) => ORDER.indexOf(one.event) - ORDER.indexOf(other.event)),
  );
  // Those that have failed most go first, so that their waits, and not those of the newest, say when the receiver is tried.
  const waiting = stories.sort((one, other) => mostTries(other) - mostTries(one));
  const state = { closedUntil: null as number | null };
  const work = async () => {
    for (let story = waiting.shift(); story !== undefined; story = waiting.shift()) await sendStory(story, how, state);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Sends what is told of one incident, oldest first. */
async function sendStory(
  story: readonly DueDelivery[],
  how: InOrder,
  lane: { closedUntil: number | null },
): Promise<void> {
  for (const [at, delivery] of story.entries()) {
    const wait = lane.closedUntil ?? how.outOfTime() ?? (at === 0 ? await how.before(delivery) : null);
    if (wait !== null) return how.putOff(story.slice(at), wait);
    const sent = await how.send(delivery);
    if (sent.kind === 'done' || sent.next === null) continue;
    if (sent.kind === 'unreachable') lane.closedUntil = sent.next;
    return how.putOff(story.slice(at + 1), sent.next);
  }
}

function mostTries(story: readonly DueDelivery[]): number {
  return Math.max(...story.map(({ attempts }) => attempts));
}

function groupsBy(deliveries: readonly DueDelivery[], keyOf: (delivery: DueDelivery) => string): DueDelivery[][] {
  const groups = new Map<string, DueDelivery[]>();
  for (const delivery of deliveries) {
    const group = groups.get(keyOf(delivery));
    if (group) group.push(delivery);
    else groups.set(keyOf(delivery), [delivery]);
  }
  return [...groups.values()];
}
