import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packageVisual } from '@tidemark/visual/package';
import type { Hono } from 'hono';
import type { Browser, Frame, Page } from 'playwright-core';
import { launchChrome } from './chrome.ts';
import type { HostEvent, HostScript, ToFrame, UpdateScript } from './messages.ts';
import { readPackage, type VisualPackage } from './package-file.ts';
import { siteOf } from './site.ts';

/** Pages under test live at this address; no server listens there, every request is answered in the process. */
const ORIGIN = 'https://tidemark.test';

/** A browser with the packaged visual at hand. */
export interface Stage {
  readonly browser: Browser;
  readonly visual: VisualPackage;
  readonly audit: string;
  /** A new page with a fresh frame and host. */
  open(host?: Partial<HostScript>, scale?: number): Promise<OpenVisual>;
  close(): Promise<void>;
}

/**
 * Packages the visual if need be and starts a browser.
 * @param other a package to show instead of the usual one
 */
export async function openStage(other?: string): Promise<Stage> {
  const { path, output } = await packageVisual();
  const [visual, browser] = await Promise.all([readPackage(other ?? path), launchChrome()]);
  const site = await siteOf(visual);
  return {
    browser,
    visual,
    audit: output,
    async open(host = {}, scale = 1) {
      const page = await browser.newPage({
        viewport: { width: 1280, height: 800 },
        deviceScaleFactor: scale,
        locale: 'en-US',
      });
      return OpenVisual.on(page, site, { locale: 'en-US', ...host });
    },
    close: () => browser.close(),
  };
}

/** One visual on one page, with everything it said. */
export class OpenVisual {
  readonly page: Page;
  readonly frame: Frame;
  /** Lines on the console, uncaught errors and requests to anywhere else. */
  readonly complaints: string[];

  private constructor(page: Page, frame: Frame, complaints: string[]) {
    this.page = page;
    this.frame = frame;
    this.complaints = complaints;
  }

  static async on(page: Page, site: Hono, host: HostScript): Promise<OpenVisual> {
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
    await page.route('**/*', async (route) => {
      const url = route.request().url();
      if (!url.startsWith(ORIGIN)) {
        complaints.push(`outside request: ${url}`);
        return route.abort();
      }
      const response = await site.request(url);
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      });
    });
    await page.goto(`${ORIGIN}/preview/bench.html`);
    await page.evaluate((script) => (globalThis as unknown as BenchPage).createVisual(script), host);
    const frame = page.frames().find((one) => one.url().endsWith('/preview/frame.html')) as Frame;
    return new OpenVisual(page, frame, complaints);
  }

  /** Sends an update; resolves with how its rendering ended. */
  update(update: UpdateScript): Promise<HostEvent> {
    return this.page.evaluate((scripted) => (globalThis as unknown as BenchPage).updateVisual(scripted), update);
  }

  /** Everything the visual has asked of its host, oldest first. */
  events(): Promise<HostEvent[]> {
    return this.page.evaluate(() => (globalThis as unknown as BenchPage).visual.events);
  }

  async eventsNamed(name: string): Promise<HostEvent[]> {
    return (await this.events()).filter((event) => event.name === name);
  }

  /** What came with the first event of a name (or the last, at −1). @throws Error when there was none. */
  async told<D>(name: string, at = 0): Promise<D> {
    const event = (await this.eventsNamed(name)).at(at);
    if (event === undefined) throw new Error(`the visual did not ask its host for ${name}`);
    return event.detail as D;
  }

  send(message: ToFrame): Promise<void> {
    return this.page.evaluate((sent) => (globalThis as unknown as BenchPage).visual.send(sent), message);
  }

  formattingModel(): Promise<unknown> {
    return this.page.evaluate(() => (globalThis as unknown as BenchPage).visual.formattingModel());
  }

  /** The picture, exactly the visual's size. */
  async picture(file?: string): Promise<Buffer> {
    await this.frame.evaluate(() => document.fonts.ready.then(() => undefined));
    if (file !== undefined) await mkdir(dirname(file), { recursive: true });
    return this.page.locator('iframe').screenshot(file === undefined ? {} : { path: file });
  }

  /** A fresh visual and host on the same page: nothing is selected, pointed at or asked for. Takes a tenth of a new page. */
  async renew(host: Partial<HostScript> = {}): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 1280, height: 800 };
    await this.page.mouse.move(width - 1, height - 1);
    await this.page.evaluate(
      (script) => {
        const page = globalThis as unknown as BenchPage;
        page.visual.events.length = 0;
        return page.createVisual(script);
      },
      { locale: 'en-US', ...host },
    );
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

interface BenchPage {
  createVisual(host: HostScript): Promise<void>;
  updateVisual(update: UpdateScript): Promise<HostEvent>;
  visual: { events: HostEvent[]; send(message: ToFrame): void; formattingModel(): Promise<unknown> };
}

export interface Shot {
  readonly url: string;
  readonly file: string;
  readonly width?: number;
  readonly height?: number;
  /** Selector that must be there before the picture is taken; by default the visual's first drawing. */
  readonly waitFor?: string;
}

/** Takes a picture of a served page, such as the demo's preview. @throws Error when the page complains. */
export async function screenshot({
  url,
  file,
  width = 1280,
  height = 720,
  waitFor = 'body[data-drawn]',
}: Shot): Promise<void> {
  const browser = await launchChrome();
  try {
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 2, locale: 'en-US' });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.waitForSelector(waitFor, { timeout: 30_000 });
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    if (complaints.length > 0) throw new Error(`the page at ${url} complains: ${complaints.join('; ')}`);
    await mkdir(dirname(file), { recursive: true });
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
