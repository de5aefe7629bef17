import { createRandom } from '../random.ts';
import { QUANTILES } from './quantiles.ts';

/** Sizes of the network; see `docs/model.md` for what each input means. */
export interface NetworkShape {
  /** Lookback, in buckets. */
  readonly steps: number;
  readonly sequenceFeatures: number;
  /** LSTM units. */
  readonly units: number;
  readonly horizons: number;
  readonly targetFeatures: number;
  /** Widths of the head's two ReLU layers. */
  readonly hidden: readonly [number, number];
  /** Raw outputs per horizon: the median and the gaps between quantiles. */
  readonly outputs: number;
}

/** A weight's place in `weights.bin`: tensors lie one after the other, float32 little-endian, row-major. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32';
}

/** Everything stock tfjs keeps in `model.json` about the layers. */
export interface ModelTopology {
  readonly class_name: string;
  readonly config: {
    readonly name: string;
    readonly layers: readonly TopologyLayer[];
    readonly input_layers: readonly (readonly [string, number, number])[];
    readonly output_layers: readonly (readonly [string, number, number])[];
  };
  readonly keras_version: string;
  readonly backend: string;
}

/** One layer as stock tfjs writes it. */
export interface TopologyLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly (readonly [string, number, number, object])[])[];
}

/** Names of a member's layers, alone or one of several. */
function memberName(name: string, member: number, members: number): string {
  return members === 1 ? name : `${name}_of_${member + 1}`;
}

/**
 * The network as a stock tfjs functional model:
 * sequence [steps, features] → LSTM; its last state, repeated per horizon, beside target [horizons, features]
 * → two ReLU layers → beside target again (the linear way past the ReLUs) → raw outputs [horizons, outputs].
 * Several members read the same inputs, each with weights of its own, and their raw outputs are averaged.
 * @example
 * const topology = networkTopology(networkShape(12), MEMBERS);
 */
export function networkTopology(sizes: NetworkShape, members = 1): ModelTopology {
  const layer = (class_name: string, name: string, config: object, ...inputs: string[]): TopologyLayer => ({
    class_name,
    name,
    config: { name, trainable: true, ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}] as const)],
  });
  const input = (name: string, ...shape: number[]) =>
    layer('InputLayer', name, { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false });
  const dense = (name: string, units: number, activation: string, from: string) =>
    layer('Dense', name, { units, activation, use_bias: true }, from);
  const all = Array.from({ length: members }, (_, k) => k);
  const memberLayers = (k: number): TopologyLayer[] => {
    const own = (name: string) => memberName(name, k, members);
    return [
      layer(
        'LSTM',
        own('memory'),
        {
          units: sizes.units,
          activation: 'tanh',
          recurrent_activation: 'sigmoid',
          use_bias: true,
          return_sequences: false,
          return_state: false,
          go_backwards: false,
          stateful: false,
          unroll: false,
        },
        'sequence',
      ),
      layer('RepeatVector', own('per_horizon'), { n: sizes.horizons }, own('memory')),
      layer('Concatenate', own('context'), { axis: -1 }, own('per_horizon'), 'target'),
      dense(own('hidden_1'), sizes.hidden[0], 'relu', own('context')),
      dense(own('hidden_2'), sizes.hidden[1], 'relu', own('hidden_1')),
      layer('Concatenate', own('skip'), { axis: -1 }, own('hidden_2'), 'target'),
      dense(own('quantiles'), sizes.outputs, 'linear', own('skip')),
    ];
  };
  const outputs = all.map((k) => memberName('quantiles', k, members));
  return {
    class_name: 'Model',
    config: {
      name: 'tidemark',
      layers: [
        input('sequence', sizes.steps, sizes.sequenceFeatures),
        input('target', sizes.horizons, sizes.targetFeatures),
        ...all.flatMap(memberLayers),
        ...(members === 1 ? [] : [layer('Average', 'quantiles', {}, ...outputs)]),
      ],
      input_layers: [
        ['sequence', 0, 0],
        ['target', 0, 0],
      ],
      output_layers: [['quantiles', 0, 0]],
    },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

/**
 * Names and shapes of the weights of `networkTopology`: in stock tfjs order, member after member.
 * @example
 * networkWeights(networkShape(12)).map(({ name }) => name);
 */
export function networkWeights(sizes: NetworkShape, members = 1): WeightEntry[] {
  const [first, second] = sizes.hidden;
  const gates = 4 * sizes.units;
  const entry = (name: string, ...shape: number[]): WeightEntry => ({ name, shape, dtype: 'float32' });
  const one = [
    entry('memory/kernel', sizes.sequenceFeatures, gates),
    entry('memory/recurrent_kernel', sizes.units, gates),
    entry('memory/bias', gates),
    entry('hidden_1/kernel', sizes.units + sizes.targetFeatures, first),
    entry('hidden_1/bias', first),
    entry('hidden_2/kernel', first, second),
    entry('hidden_2/bias', second),
    entry('quantiles/kernel', second + sizes.targetFeatures, sizes.outputs),
    entry('quantiles/bias', sizes.outputs),
  ];
  return Array.from({ length: members }, (_, k) =>
    one.map(({ name, ...rest }) => {
      const [layer, weight] = name.split('/') as [string, string];
      return { ...rest, name: `${memberName(layer, k, members)}/${weight}` };
    }),
  ).flat();
}

/**
 * Seeded first weights: Glorot-uniform kernels (Glorot & Bengio 2010), forget gates open, and a last layer that
 * says nothing, so that learning starts from the base forecast with `untrainedRaw` gaps.
 * @example
 * initialWeights(networkShape(12), 1); // the same for the same seed
 */
export function initialWeights(sizes: NetworkShape, seed: number): Float32Array[] {
  const random = createRandom(seed);
  return networkWeights(sizes).map(({ name, shape }) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (name === 'memory/bias') values.fill(1, sizes.units, 2 * sizes.units);
    else if (name === 'quantiles/bias') values.set(untrainedRaw().subarray(0, values.length));
    else if (name === 'quantiles/kernel' || shape.length === 1) return values;
    else {
      const limit = Math.sqrt(6 / (shape[0]! + shape[1]!));
      for (let i = 0; i < values.length; i++) values[i] = limit * (2 * random.uniform() - 1);
    }
    return values;
  });
}

/**
 * Raw outputs of a forecast that knows only the spread: a normal distribution whose mean absolute deviation is one spread.
 * @example
 * quantilesFromRaw(untrainedRaw(), 0, quantiles, 0);
 */
export function untrainedRaw(): Float32Array {
  const deviation = Math.sqrt(Math.PI / 2);
  const inverseSoftplus = (y: number) => Math.log(Math.expm1(y));
  const near = inverseSoftplus(1.96 * deviation);
  const far = inverseSoftplus((2.576 - 1.96) * deviation);
  return Float32Array.from([0, near, far, near, far].slice(0, QUANTILES));
}
