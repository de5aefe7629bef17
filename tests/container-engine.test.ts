import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

/** Builds the image and runs it; `pnpm test:container` asks for it where a Docker engine answers. */
const isWanted = process.env.TIDEMARK_TEST_CONTAINER === 'true';
const NAME = `tidemark-test-${process.pid}`;

async function docker(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', words, {
    cwd: `${import.meta.dirname}/..`,
    maxBuffer: 2 ** 26,
  });
  return stdout.trim();
}

/** Starts the image as compose.yaml does, on a volume of its own; returns where it answers. */
async function start(keys: string): Promise<string> {
  const hardened = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];
  const place = ['--name', NAME, '--volume', `${NAME}:/data`, '--publish', '127.0.0.1::8787'];
  const settings = ['--env', `TIDEMARK_KEYS=${keys}`, '--env', 'TIDEMARK_CLOCK=newest', '--health-interval', '1s'];
  await docker('run', '--detach', ...hardened, ...place, ...settings, NAME);
  await healthy();
  return `http://${await docker('port', NAME, '8787/tcp')}`;
}

async function healthy(): Promise<void> {
  for (let waited = 0; waited < 120; waited++) {
    const state = await docker('inspect', '--format', '{{.State.Status}} {{.State.Health.Status}}', NAME);
    if (state === 'running healthy') return;
    if (!state.startsWith('running') || state.endsWith('unhealthy')) {
      throw new Error(`the container is ${state}: ${await docker('logs', NAME)}`);
    }
    await setTimeout(500);
  }
  throw new Error(`the container was not healthy in time: ${await docker('logs', NAME)}`);
}

describe.runIf(isWanted)('the image', () => {
  let key: string;
  let keys: string;
  beforeAll(async () => {
    await docker('build', '--tag', NAME, '.');
    const made = await docker('run', '--rm', NAME, 'key', 'owner', 'admin');
    key = /tm_\S+/.exec(made)?.[0] ?? '';
    keys = /owner:admin:\S+/.exec(made)?.[0] ?? '';
    return async () => {
      await docker('rm', '--force', NAME);
      await docker('volume', 'rm', '--force', NAME);
      await docker('rmi', '--force', NAME);
    };
  });

  test('serves on a root that cannot be written, as nobody special, and keeps what it was given when it is replaced', async () => {
    const url = await start(keys);
    expect((await fetch(`${url}/v1/series`)).status).toBe(401);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const entry = {
      id: 'works',
      from: '2026-01-05T00:00:00Z',
      to: '2026-01-06T00:00:00Z',
      effect: 'mute',
      reason: 'works',
    };
    const body = JSON.stringify(entry);
    expect((await fetch(`${url}/v1/maintenance`, { method: 'PUT', headers, body })).status).toBe(200);
    expect(await docker('exec', NAME, 'id', '-un')).toBe('node');
    await expect(docker('exec', NAME, 'touch', '/app/file')).rejects.toThrow(/Read-only/);
    await docker('stop', '--time', '30', NAME);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', NAME)).toBe('0');
    expect(await docker('logs', NAME)).toContain('"stopped"');
    await docker('rm', NAME);
    const again = await start(keys);
    const kept = await fetch(`${again}/v1/maintenance`, { headers });
    expect(await kept.json()).toMatchObject({ rows: [{ id: 'works' }] });
  });
});
