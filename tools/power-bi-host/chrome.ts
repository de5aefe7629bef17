import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
  '--hide-scrollbars',
];

/**
 * A headless Chromium: `CHROME_PATH`, else one that is installed, else the one that comes inside an npm package.
 * @throws Error that says how to get one; never a silent skip.
 */
export async function launchChrome(): Promise<Browser> {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== '') {
    if (!existsSync(named))
      throw new Error(`no browser at CHROME_PATH: ${named}; accepted is the path of a Chrome or Chromium`);
    return launch(named);
  }
  const installed = installedChrome();
  if (installed !== null) return launch(installed);
  const packaged = await packagedChrome();
  if (packaged !== null) return launch(packaged);
  throw new Error(
    'no browser for the tests: install Chrome or Chromium (on Debian: apt install chromium), or set CHROME_PATH to one',
  );
}

function launch(executablePath: string): Promise<Browser> {
  // The sandbox cannot be had as root, as in most containers.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...asRoot] });
}

function installedChrome(): string | null {
  const folders = (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':');
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** The flags that come with it are for AWS Lambda: one process for all, which dies with its first page. */
async function packagedChrome(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const { default: packaged } = await import('@sparticuz/chromium');
  return packaged.executablePath();
}
