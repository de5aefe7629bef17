import * as tf from '@tensorflow/tfjs';
import {
  createNetwork,
  createRandom,
  initialWeights,
  type ModelTopology,
  type NetworkShape,
  networkTopology,
  networkWeights,
  type WeightEntry,
} from '@tidemark/shared/forecasting';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Exported = Parameters<typeof createNetwork>[0];

/** What `model.save` writes, as the forward pass reads it. */
async function exported(model: tf.LayersModel): Promise<Exported> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) };
    }),
  );
  const weightEntries = artifacts?.weightSpecs as unknown as WeightEntry[];
  const bytes = new Uint8Array(artifacts?.weightData as ArrayBuffer);
  let at = 0;
  const weights = weightEntries.map(({ shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = new Float32Array(bytes.slice(at, at + 4 * size).buffer);
    at += 4 * size;
    return values;
  });
  return { topology: artifacts?.modelTopology as unknown as ModelTopology, weightEntries, weights };
}

/** Random weights, so that biases and gates matter. */
function shaken(model: tf.LayersModel, seed: number): tf.LayersModel {
  const random = createRandom(seed);
  model.setWeights(
    model.getWeights().map((weight) => {
      const values = Float32Array.from({ length: weight.size }, () => 0.4 * random.normal());
      return tf.tensor(values, weight.shape);
    }),
  );
  return model;
}

function largestDifference(model: tf.LayersModel, network: ReturnType<typeof createNetwork>, seed: number): number {
  const random = createRandom(seed);
  const inputs = network.inputs.map(({ shape }) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random.normal()),
  );
  const tensors = inputs.map((values, i) => tf.tensor(values, [1, ...(network.inputs[i]?.shape ?? [])]));
  const theirs = (model.predict(tensors.length === 1 ? (tensors[0] as tf.Tensor) : tensors) as tf.Tensor).dataSync();
  const ours = network.run(inputs);
  expect(ours.length).toBe(theirs.length);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i]!)), 0);
}

const size = (max: number) => fc.integer({ min: 1, max });

describe('the forward pass without tfjs', () => {
  test('gives what stock tfjs gives for models of our shape, whatever their sizes and however many members', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          steps: size(9),
          sequenceFeatures: size(7),
          units: size(9),
          horizons: size(5),
          targetFeatures: size(9),
          hidden: fc.tuple(size(9), size(9)),
          outputs: size(5),
        }),
        size(3),
        fc.integer(),
        async (shape: NetworkShape, members, seed) => {
          const artifact = {
            topology: networkTopology(shape, members),
            weightEntries: networkWeights(shape, members),
            weights: Array.from({ length: members }, () => initialWeights(shape, seed)).flat(),
          };
          const model = shaken(await stockModel(artifact), seed);
          expect(largestDifference(model, createNetwork(await exported(model)), seed)).toBeLessThanOrEqual(1e-5);
          model.dispose();
        },
      ),
      { numRuns: 25 },
    );
  });

  test('gives what stock tfjs gives for stacked and hard-sigmoid LSTMs written by tfjs itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        size(6),
        size(5),
        size(8),
        fc.boolean(),
        fc.integer(),
        async (steps, features, units, hard, seed) => {
          const input = tf.input({ shape: [steps, features] });
          const gate = hard ? ('hardSigmoid' as const) : ('sigmoid' as const);
          const all = tf.layers
            .lstm({ units, returnSequences: true, recurrentActivation: gate, dropout: 0.1 })
            .apply(input) as tf.SymbolicTensor;
          const dropped = tf.layers.dropout({ rate: 0.5 }).apply(all) as tf.SymbolicTensor;
          const last = tf.layers.lstm({ units: 3, recurrentActivation: 'sigmoid', useBias: false }).apply(dropped);
          const out = tf.layers.dense({ units: 2, activation: 'tanh' }).apply(last) as tf.SymbolicTensor;
          const model = shaken(tf.model({ inputs: input, outputs: out }), seed);
          expect(largestDifference(model, createNetwork(await exported(model)), seed)).toBeLessThanOrEqual(1e-5);
          model.dispose();
        },
      ),
      { numRuns: 15 },
    );
  });

  test('names a layer it does not know, and a setting it does not support', async () => {
    const gru = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await expect(exported(gru).then(createNetwork)).rejects.toThrow(/unsupported model class: Sequential/);
    const input = tf.input({ shape: [4, 2] });
    const odd = tf.layers.gru({ units: 2, name: 'odd_one' }).apply(input) as tf.SymbolicTensor;
    await expect(exported(tf.model({ inputs: input, outputs: odd })).then(createNetwork)).rejects.toThrow(
      /unsupported layer type GRU \(layer "odd_one"\)/,
    );
    const back = tf.layers.lstm({ units: 2, name: 'back', goBackwards: true }).apply(input) as tf.SymbolicTensor;
    await expect(exported(tf.model({ inputs: input, outputs: back })).then(createNetwork)).rejects.toThrow(
      /unsupported go_backwards of layer "back": true; expected false/,
    );
  });
});

function stockModel(artifact: Exported): Promise<tf.LayersModel> {
  const total = artifact.weights.reduce((sum, { length }) => sum + length, 0);
  const joined = new Float32Array(total);
  let at = 0;
  for (const values of artifact.weights) {
    joined.set(values, at);
    at += values.length;
  }
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: artifact.topology as unknown as object,
      weightSpecs: artifact.weightEntries as unknown as tf.io.WeightsManifestEntry[],
      weightData: joined.buffer,
    }),
  );
}
