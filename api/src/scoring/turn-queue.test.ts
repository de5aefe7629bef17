import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurnQueue } from './turn-queue.ts';

test('turns never overlap and come in the order they were asked for, whoever gives up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('stays', 'gives up'), { minLength: 1, maxLength: 8 }), async (askers) => {
      const queue = createTurnQueue();
      const first = await queue.take();
      const begun: number[] = [];
      let under = 0;
      let most = 0;
      const all = askers.map(async (asker, index) => {
        const end = await queue.take(asker === 'gives up' ? 1 : undefined);
        if (!end) return;
        most = Math.max(most, ++under);
        begun.push(index);
        await Promise.resolve();
        under--;
        end();
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
      first?.();
      await Promise.all(all);
      await queue.idle();
      const stayed = askers.flatMap((asker, index) => (asker === 'stays' ? [index] : []));
      expect(begun).toEqual(stayed);
      expect(most).toBe(stayed.length > 0 ? 1 : 0);
    }),
    { numRuns: 30 },
  );
});

test('whoever gives up does not let those behind it go before those ahead of it', async () => {
  const queue = createTurnQueue();
  const end = await queue.take();
  expect(await queue.take(1)).toBe(null);
  let came = false;
  const behind = queue.take().then((mine) => {
    came = true;
    mine?.();
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(came).toBe(false);
  end?.();
  await behind;
});
