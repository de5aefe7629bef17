import { type OpenVisual, openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import type { HostScript } from '@tidemark/tools/power-bi-host/messages';
import { afterAll, afterEach, expect } from 'vitest';

/** The packaged visual's stage for the tests of one file; closed when they have ended. */
export async function stageOfFile(): Promise<Stage> {
  const stage = await openStage();
  afterAll(() => stage.close());
  return stage;
}

/** Gives each test of a file a fresh visual and host, all on one page of the stage; what the page complained of fails the test. */
export async function freshVisuals(stage: Stage): Promise<(host?: Partial<HostScript>) => Promise<OpenVisual>> {
  const visual = await stage.open();
  afterEach(() => expect(visual.complaints).toEqual([]));
  return async (host) => {
    await visual.renew(host);
    return visual;
  };
}
