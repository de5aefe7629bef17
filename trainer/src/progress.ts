import { SingleBar } from 'cli-progress';

/** Shows how far a long piece of work is: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /** `note` says what cannot be seen from the count, for example rows so far. */
  update(done: number, note: string): void;
  stop(): void;
}

/** Progress over `total` steps of `what`, on stderr so that results stay clean. */
export function showProgress(what: string, total: number): Progress {
  if (!process.stderr.isTTY) return plainLines(what, total);
  const bar = new SingleBar({
    format: `${what} [{bar}] {value}/{total}  {note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note) => bar.update(done, { note }),
    stop: () => bar.stop(),
  };
}

/** Progress through stages that follow one another, of which one at a time is shown. */
export function showStages() {
  let shown: { readonly stage: string; readonly progress: Progress } | undefined;
  return {
    update(stage: string, { done, of }: { readonly done: number; readonly of: number }, note: string): void {
      if (shown?.stage !== stage) {
        shown?.progress.stop();
        shown = { stage, progress: showProgress(stage, of) };
      }
      shown.progress.update(done, note);
    },
    stop: () => shown?.progress.stop(),
  };
}

function plainLines(what: string, total: number): Progress {
  let printed = 0;
  return {
    update(done, note) {
      if (done !== total && done - printed < total / 10) return;
      printed = done;
      process.stderr.write(`${what} ${done}/${total}  ${note}\n`);
    },
    stop() {},
  };
}
