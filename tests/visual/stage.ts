import { openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { afterAll } from 'vitest';

/** The packaged visual's stage for the tests of one file; closed when they have ended. */
export async function stageOfFile(): Promise<Stage> {
  const stage = await openStage();
  afterAll(() => stage.close());
  return stage;
}
