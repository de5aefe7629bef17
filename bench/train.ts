import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { readOptions } from './options.ts';
import '@tensorflow/tfjs-backend-wasm';
import { createNetwork, networkShape } from '@tidemark/shared/forecasting';
import {
  createTrainingBackend,
  hasTfjsNode,
  importTfjsNode,
  loadKernel,
  randomBatch,
} from '@tidemark/trainer/testing/network';
import { against, type Figure, printFigure, printTable, undisturbed } from './figure.ts';
import { trainFourYears } from './four-years.ts';
import { benchBatch, benchModel, kernelStep, SIZES } from './train-network.ts';

/** Milliseconds of an undisturbed call, after the engine has warmed up. */
function timed(call: () => unknown, warmUp: number, repeats: number): number {
  for (let i = 0; i < warmUp; i++) call();
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });
  return undisturbed(times);
}

async function tfjsModel(backend: string): Promise<tf.LayersModel> {
  await tf.setBackend(backend);
  const { topology, weightEntries, weights } = benchModel();
  const all = Float32Array.from(weights.flatMap((values) => [...values]));
  const specs = weightEntries.map(({ name, shape, dtype }) => ({ name, shape: [...shape], dtype }));
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: topology, weightSpecs: specs, weightData: all.buffer }));
}

/** One stock `trainOnBatch` of tfjs. */
async function tfjsStepMs(backend: string, repeats: number): Promise<number> {
  const model = await tfjsModel(backend);
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
  const { inputs, wanted } = benchBatch();
  const x = tf.tensor3d(inputs, [SIZES.batch, SIZES.steps, SIZES.features]);
  const y = tf.tensor2d(wanted, [SIZES.batch, SIZES.outputs]);
  const times: number[] = [];
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now();
    await model.trainOnBatch(x, y);
    if (i > 0) times.push(performance.now() - start);
  }
  tf.dispose([x, y]);
  model.dispose();
  return undisturbed(times);
}

/** A step of the shipped network for two-hour buckets, by one of the trainer's backends. */
async function shippedStepMs(name: string, repeats: number): Promise<number> {
  const shape = networkShape(12);
  const backend = await createTrainingBackend({ shape, seed: 1, backend: name });
  const batch = randomBatch(shape, 96, 1);
  const ms = timed(() => backend.step(batch, 1e-3), repeats, repeats);
  backend.dispose();
  return ms;
}

/** Milliseconds of a step in a Python framework, or undefined when this Python has none. */
function pythonStepMs(python: string, framework: string): number | undefined {
  const script = fileURLToPath(new URL('train-peers.py', import.meta.url));
  const { stdout, status } = spawnSync(python, [script, framework], { encoding: 'utf8' });
  return status === 0 ? Number(stdout.trim().split('\n').at(-1)) : undefined;
}

const options = readOptions<{ python: string; write: boolean }>(
  new Command('bench:train')
    .description('A step of training, a forward pass and a whole training, beside other frameworks.')
    .option('--python <path>', 'a Python, for PyTorch and Keras where it has them', 'python3')
    .option('--write', 'put the figures into docs/benchmarks.md', false),
);
const figures: Figure[] = [];
const notes: string[] = [];
const say = (figure: Figure) => figures.push(printFigure(figure));

const kernel = await loadKernel();
if (!kernel) throw new Error('this engine has no WebAssembly SIMD, so the kernel cannot be measured');
const stepMs = timed(kernelStep(kernel), 100, 200);
say({ figure: 'train/step-ms', ours: stepMs, unit: 'ms' });
notes.push(
  `LSTM ${SIZES.units}, ${SIZES.steps} steps, ${SIZES.features} features, batch ${SIZES.batch}, dense ${SIZES.outputs}, ` +
    `mean squared error, Adam, one thread; ours is the trainer's own loop on the kernel, tfjs its stock layers.`,
);

say(
  against(
    'train/vs-typescript',
    { ours: await shippedStepMs('kernel', 50), peer: await shippedStepMs('typescript', 5) },
    'ms',
    '≤ 0.1',
  ),
);
notes.push(
  '`train/vs-typescript`: a step of the shipped network, batch 96, by the kernel and by its reference in TypeScript.',
);

for (const [name, framework, goal] of [
  ['pytorch', 'torch', '≤ 1.5'],
  ['keras', 'keras', '≤ 0.5'],
] as const) {
  const peer = pythonStepMs(options.python, framework);
  if (peer === undefined)
    notes.push(`\`train/vs-${name}\` left out: ${options.python} has no ${framework} (\`--python <path>\`).`);
  else say(against(`train/vs-${name}`, { ours: stepMs, peer }, 'ms', goal));
}
say(against('train/vs-tfjs-wasm', { ours: stepMs, peer: await tfjsStepMs('wasm', 5) }, 'ms', '≤ 0.0667'));
say(against('train/vs-tfjs-cpu', { ours: stepMs, peer: await tfjsStepMs('cpu', 3) }, 'ms', '≤ 0.02'));

if (hasTfjsNode()) {
  await importTfjsNode();
  say(against('train/vs-tfjs-node', { ours: stepMs, peer: await tfjsStepMs('tensorflow', 5) }, 'ms'));
} else notes.push('`train/vs-tfjs-node` left out: its native library is not installed.');

const network = createNetwork(benchModel());
const window = benchBatch().inputs.subarray(0, SIZES.steps * SIZES.features);
const forwardMs = timed(() => network.run([window]), 200, 500);
const stock = await tfjsModel('cpu');
const stockMs = timed(
  () => tf.tidy(() => (stock.predict(tf.tensor3d(window, [1, SIZES.steps, SIZES.features])) as tf.Tensor).dataSync()),
  10,
  20,
);
say({ figure: 'train/forward-ms', ours: forwardMs, unit: 'ms', goal: '≤ 1' });
notes.push(`tfjs (cpu) needs ${stockMs.toFixed(1)} ms for the forward pass.`);

const { seconds, peakMb, result } = await trainFourYears();
say({ figure: 'train/four-years-seconds', ours: seconds, unit: 's', goal: '≤ 120' });
say({ figure: 'train/peak-mb', ours: peakMb, unit: 'MB', goal: '≤ 1500' });
notes.push(
  `Four years: 20 simulated series, \`trainer train\` from start to exit; ${result.steps} steps by ${result.backend}.`,
);

printTable('train', figures, notes, options.write);
