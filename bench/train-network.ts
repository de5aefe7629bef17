import type { Artifact } from '@tidemark/shared/forecasting';
import { createRandom } from '@tidemark/shared/forecasting';
import type { Kernel } from '@tidemark/trainer/testing/network';
import { KernelDense, KernelLstm, KernelWeights, padTo } from '@tidemark/trainer/testing/network';
import { unbias } from '@tidemark/trainer/testing/training';

/** The network every peer is timed on: one LSTM and a dense layer on its last state, mean squared error, Adam. */
export const SIZES = { batch: 64, steps: 84, features: 8, units: 32, outputs: 12 } as const;

const { batch, steps, features, units, outputs } = SIZES;

/** Seeded inputs [batch, steps, features] and wanted outputs [batch, outputs]. */
export function benchBatch(): { inputs: Float32Array; wanted: Float32Array } {
  const random = createRandom(1);
  const noise = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  return { inputs: noise(batch * steps * features), wanted: noise(batch * outputs) };
}

/** The network as a stock tfjs model, for tfjs and for our forward pass alike. */
export function benchModel(): Pick<Artifact, 'topology' | 'weightEntries' | 'weights'> {
  const random = createRandom(2);
  const shapes = [
    ['memory/kernel', features, 4 * units],
    ['memory/recurrent_kernel', units, 4 * units],
    ['memory/bias', 4 * units],
    ['out/kernel', units, outputs],
    ['out/bias', outputs],
  ] as const;
  const weightEntries = shapes.map(([name, ...shape]) => ({ name, shape, dtype: 'float32' as const }));
  const weights = weightEntries.map(({ shape }) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.2 * random.normal()),
  );
  const layer = (class_name: string, name: string, config: object, ...inputs: string[]) => ({
    class_name,
    name,
    config: { name, trainable: true, ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}] as const)],
  });
  const topology: Artifact['topology'] = {
    class_name: 'Model',
    config: {
      name: 'bench',
      layers: [
        layer('InputLayer', 'sequence', { batch_input_shape: [null, steps, features], dtype: 'float32' }),
        layer('LSTM', 'memory', { units, activation: 'tanh', recurrent_activation: 'sigmoid' }, 'sequence'),
        layer('Dense', 'out', { units: outputs, activation: 'linear' }, 'memory'),
      ],
      input_layers: [['sequence', 0, 0]],
      output_layers: [['out', 0, 0]],
    },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
  return { topology, weightEntries, weights };
}

/**
 * One training step of that network from the kernel's own layers, as the trainer uses them;
 * the mean squared error of 64 × 12 numbers is plain TypeScript. Returns the loss.
 */
export function kernelStep(kernel: Kernel): () => number {
  const { inputs, wanted } = benchBatch();
  const lstm = new KernelLstm(kernel, features, units, steps);
  const width = padTo(8, outputs);
  const dense = new KernelDense(kernel, lstm.width, width);
  const bias = new KernelWeights(kernel, 1, width);
  lstm.allocate(batch);
  const all = [...lstm.weights, dense.weights, bias];
  const out = kernel.allocate(batch * width);
  const random = createRandom(2);
  for (const { values, count } of all) {
    const view = kernel.view(values, count);
    for (let i = 0; i < count; i++) view[i] = 0.2 * random.normal();
  }
  const outView = kernel.view(out, batch * width);
  let done = 0;
  return () => {
    lstm.read(inputs, 0, batch);
    lstm.forward();
    const { address, stride } = lstm.state;
    dense.forward(address, stride, out, bias.values, 0, batch);
    let loss = 0;
    for (let row = 0; row < batch; row++) {
      for (let column = 0; column < width; column++) {
        const at = row * width + column;
        const error = column < outputs ? (outView[at] as number) - (wanted[row * outputs + column] as number) : 0;
        loss += error * error;
        outView[at] = (2 * error) / (batch * outputs);
      }
    }
    dense.learn(address, stride, out, batch);
    kernel.run.addColumnSums(out, 4 * width, batch, bias.panels, bias.gradient);
    dense.carryBack(out, lstm.stateGradient, batch);
    lstm.backward();
    done++;
    const { first, second } = unbias(done);
    for (const weights of all) weights.adam(1e-3, 1, first, second, 0);
    return loss / (batch * outputs);
  };
}
