import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { UserError } from '@tidemark/shared/errors';
import { packageVisual, packageWithModel } from './package.ts';

/** The command: packages, and says what came out of it. */
async function main(args: readonly string[]): Promise<void> {
  const [flag, dir, ...more] = args;
  if (flag !== undefined && (flag !== '--model' || dir === undefined || more.length > 0)) {
    throw new UserError(
      'invalid-arguments',
      `invalid arguments: ${args.join(' ')}; accepted is --model <folder>, or none`,
    );
  }
  const withModel = dir === undefined ? null : await packageWithModel(dir);
  const made = withModel ?? (await packageVisual());
  const { size } = await stat(made.path);
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} KB`;
  const share =
    withModel === null ? '' : `, about ${kilobytes(deflateRawSync(withModel.modelText).length)} of it the model`;
  process.stdout.write(`${made.output}\n${relative(process.cwd(), made.path)}: ${kilobytes(size)}${share}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
