import { dataViewOf, type FormatObjects } from '@tidemark/tools/power-bi-host/data-view';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { describe, expect, test } from 'vitest';
import { stageOfFile } from './stage.ts';

const size = { width: 960, height: 480 };
/** One alarm as served, and one bucket that only a narrower range would alarm on. */
const rows = bandRows({ factor: (k) => (k === 40 ? 0.3 : k === 20 ? 0.87 : 1) });

const stage = await stageOfFile();
const visual = await stage.open();

async function seen(alarms: FormatObjects[string], bindings?: Parameters<typeof dataViewOf>[1]) {
  await visual.update({ ...size, view: dataViewOf(rows, { ...bindings, objects: { alarms } }) });
  const pane = (await visual.formattingModel()) as { cards: Card[] };
  const slices = pane.cards.flatMap((card) => card.groups.flatMap((group) => group.slices ?? []));
  const slider = slices.find((slice) => slice.uid.endsWith('alarms-sensitivity'));
  expect(visual.complaints).toEqual([]);
  return {
    alarms: await visual.frame.locator('.alarms path').count(),
    range: await visual.frame.locator('.legend .key').nth(1).textContent(),
    slider: slider?.disabled === true ? slider.disabledReason : 'live',
  };
}

interface Card {
  readonly groups: readonly { readonly slices?: readonly Slice[] }[];
}

interface Slice {
  readonly uid: string;
  readonly disabled?: boolean;
  readonly disabledReason?: string;
}

describe('whose alarms are drawn', () => {
  test('as served, until the slider is moved: then judged here, with the coverage in the legend', async () => {
    expect(await seen({})).toEqual({ alarms: 1, range: 'Expected range', slider: 'live' });
    expect(await seen({ sensitivity: 80 })).toEqual({ alarms: 2, range: 'Expected range 80%', slider: 'live' });
    expect(await seen({ sensitivity: 99 })).toEqual({ alarms: 1, range: 'Expected range', slider: 'live' });
  });

  test.each([{ side: 'high' }, { minimumDeviation: 90 }, { consecutive: 3 }])(
    'any other setting moved judges here as well: %j',
    async (moved) => {
      expect(await seen(moved)).toMatchObject({ alarms: 0, range: 'Expected range 99%' });
    },
  );

  test('an author who insists on the served ones gets them, and a slider that says why it rests', async () => {
    const told = 'The severities of the rows are in use';
    expect(await seen({ judged: 'served', sensitivity: 80 })).toEqual({
      alarms: 1,
      range: 'Expected range',
      slider: told,
    });
    expect(await seen({ judged: 'here' })).toMatchObject({ range: 'Expected range 99%', slider: 'live' });
  });

  test('readers move the coverage where the author lets them: nothing is kept, and one press brings all back', async () => {
    await seen({ slider: true });
    const slider = visual.frame.getByRole('slider', { name: 'Sensitivity' });
    await slider.press('End');
    await expect.poll(() => visual.frame.locator('.alarms path').count()).toBe(2);
    expect(await slider.getAttribute('aria-valuetext')).toBe(
      'Preview: alarms as if judged at 80% · alarms: 2; those served stand',
    );
    expect(await visual.frame.locator('.legend .key').nth(1).textContent()).toBe('Expected range 80%');
    await visual.frame.getByRole('button', { name: 'As before' }).click();
    await expect.poll(() => visual.frame.locator('.alarms path').count()).toBe(1);
    expect(await visual.eventsNamed('persist')).toEqual([]);
    await slider.press('End');
    expect(await seen({ judged: 'served', slider: true })).toMatchObject({ alarms: 1, range: 'Expected range' });
    expect(await slider.isDisabled()).toBe(true);
    expect(await seen({})).toMatchObject({ alarms: 1 });
    expect(await visual.frame.locator('.sensitivity').isVisible()).toBe(false);
    // On a dashboard a click belongs to the tile.
    await visual.renew({ allowInteractions: false });
    await seen({ slider: true });
    expect(await visual.frame.locator('.sensitivity').isVisible()).toBe(false);
    await visual.renew();
  });

  test('without a fan there is one coverage only: the slider rests, and moving it before has no effect', async () => {
    const wells = ['time', 'actual', 'series', 'forecast', 'lower', 'upper', 'severity', 'state'];
    const bindings = Object.fromEntries(wells.map((name) => [name, name === 'time' ? 'bucket_start_local' : name]));
    expect(await seen({ sensitivity: 80 }, { bindings: bindings as never })).toEqual({
      alarms: 1,
      range: 'Expected range',
      slider: 'Needs a Fan or a Model',
    });
  });
});
