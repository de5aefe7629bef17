import { madeUpSeries, publishedService, stoppedClock, WEEK } from '@tidemark/api/testing/service';
import { launchChrome } from '@tidemark/tools/power-bi-host/chrome';
import { previewApp } from '@tidemark/tools/power-bi-host/site';
import { SCENES } from '@tidemark/tools/scenes/scenes';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ORIGIN = 'https://tidemark.test';

let browser: Awaited<ReturnType<typeof launchChrome>>;
beforeAll(async () => {
  browser = await launchChrome();
});
afterAll(() => browser?.close());

test('the preview page of the demo draws what the service serves, offers every scene, and complains of nothing', async () => {
  const clock = stoppedClock();
  clock.endOf(5 * WEEK);
  const service = await publishedService({ clock, series: [madeUpSeries('shop', 6)], until: 5 * WEEK });
  await service.cycle.run('refresh');
  const site = await previewApp();
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, locale: 'en-US' });
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.route('**/*', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const path = pathname + search;
    const answer = pathname.startsWith('/v1/') ? await service.get(path) : await site.request(ORIGIN + path);
    const headers = Object.fromEntries(answer.headers);
    await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) });
  });
  // What goes wrong before it draws is told at once, not by a time-out.
  const failed = new Promise<void>((resolve) => page.once('pageerror', () => resolve()));
  await page.goto(`${ORIGIN}/`);
  await Promise.race([page.waitForSelector('body[data-drawn]'), failed]);
  expect(complaints).toEqual([]);
  expect(await page.frameLocator('iframe').locator('.actual path').count()).toBeGreaterThan(0);
  expect(await page.locator('#scene option').count()).toBe(SCENES.length + 1);
  const lines = () => page.frameLocator('iframe').locator('.actual path').count();
  await page.locator('#scene').selectOption('empty');
  await expect.poll(lines).toBe(0);
  expect(await page.locator('#series').isDisabled()).toBe(true);
  await page.locator('#scene').selectOption('');
  await expect.poll(lines).toBeGreaterThan(0);
  expect(await page.locator('#series').isDisabled()).toBe(false);
  expect(complaints).toEqual([]);
  await page.close();
  service.close();
});
