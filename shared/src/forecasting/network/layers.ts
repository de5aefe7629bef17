import { UserError } from '../../errors.ts';
import { accumulate, activation } from './arithmetic.ts';
import type { TopologyLayer } from './topology.ts';

/** Sizes of a tensor without its batch axis. */
export type Shape = readonly number[];

/** One layer bound to its weights and its output memory. */
export interface Layer {
  readonly name: string;
  readonly shape: Shape;
  readonly output: Float64Array;
  /** Leading columns that are the same in every row, if any. */
  readonly repeated?: number;
  /** Reads its inputs, writes `output`. */
  run(inputs: readonly Float64Array[]): void;
}

/** A layer's weight by its name, with its shape. */
type Weight = (name: string) => { readonly values: Float32Array; readonly shape: Shape } | undefined;
type Below = Pick<Layer, 'shape' | 'repeated'>;

/** @throws UserError `unsupported-layer` for a class or setting our models do not use. */
export function createLayer(spec: TopologyLayer, inputs: readonly Below[], weight: Weight): Layer {
  switch (spec.class_name) {
    case 'InputLayer':
      return input(spec);
    case 'LSTM':
      return lstm(spec, only(spec, inputs).shape, weight);
    case 'Dense':
      return dense(spec, only(spec, inputs), weight);
    case 'RepeatVector':
      return repeat(spec, only(spec, inputs).shape);
    case 'Concatenate':
      return concatenate(spec, inputs);
    case 'Average':
      return average(spec, inputs);
    case 'Dropout':
      return pass(spec, only(spec, inputs).shape);
    default:
      throw new UserError(
        'unsupported-layer',
        `unsupported layer type ${spec.class_name} (layer "${spec.name}"); ` +
          'expected InputLayer, LSTM, Dense, RepeatVector, Concatenate, Average or Dropout',
      );
  }
}

function input(spec: TopologyLayer): Layer {
  const [, ...shape] = (spec.config.batch_input_shape ?? spec.config.batchInputShape) as [null, ...number[]];
  return { name: spec.name, shape, output: zeros(shape), run: () => undefined };
}

function lstm(spec: TopologyLayer, shape: Shape, weight: Weight): Layer {
  for (const setting of ['go_backwards', 'return_state', 'stateful']) {
    if (spec.config[setting] === true) throw unsupported(spec, setting, true, 'false');
  }
  const [steps, features] = shape as [number, number];
  const units = Number(spec.config.units);
  const gates = 4 * units;
  const kernel = sized(spec, weight, 'kernel', [features, gates]);
  const recurrent = sized(spec, weight, 'recurrent_kernel', [units, gates]);
  const bias = spec.config.use_bias === false ? new Float64Array(gates) : sized(spec, weight, 'bias', [gates]);
  const squash = activation(spec, 'activation');
  const gate = activation(spec, 'recurrent_activation');
  const everyStep = spec.config.return_sequences === true;
  const output = zeros(everyStep ? [steps, units] : [units]);
  const cell = new Float64Array(units);
  const hidden = new Float64Array(units);
  const z = new Float64Array(gates);
  return {
    name: spec.name,
    shape: everyStep ? [steps, units] : [units],
    output,
    run([sequence]) {
      cell.fill(0);
      hidden.fill(0);
      for (let step = 0; step < steps; step++) {
        z.set(bias);
        accumulate(z, 0, gates, sequence as Float64Array, step * features, features, kernel);
        accumulate(z, 0, gates, hidden, 0, units, recurrent);
        for (let u = 0; u < units; u++) {
          const kept = gate(z[units + u]!) * cell[u]!;
          const next = kept + gate(z[u]!) * squash(z[2 * units + u]!);
          cell[u] = next;
          hidden[u] = gate(z[3 * units + u]!) * squash(next);
        }
        if (everyStep) output.set(hidden, step * units);
      }
      if (!everyStep) output.set(hidden);
    },
  };
}

function dense(spec: TopologyLayer, { shape, repeated = 0 }: Below, weight: Weight): Layer {
  const width = shape[shape.length - 1]!;
  const units = Number(spec.config.units);
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const kernel = sized(spec, weight, 'kernel', [width, units]);
  const bias = spec.config.use_bias === false ? new Float64Array(units) : sized(spec, weight, 'bias', [units]);
  const activate = spec.config.activation === 'linear' ? null : activation(spec, 'activation');
  const output = zeros([rows, units]);
  const shared = new Float64Array(units);
  return {
    name: spec.name,
    shape: [...shape.slice(0, -1), units],
    output,
    run([values]) {
      shared.set(bias);
      accumulate(shared, 0, units, values as Float64Array, 0, repeated, kernel);
      for (let r = 0; r < rows; r++) {
        const at = r * units;
        output.set(shared, at);
        accumulate(output, at, units, values as Float64Array, r * width + repeated, width - repeated, kernel, repeated);
        if (activate) for (let u = at; u < at + units; u++) output[u] = activate(output[u]!);
      }
    },
  };
}

function repeat(spec: TopologyLayer, shape: Shape): Layer {
  const n = Number(spec.config.n);
  const output = zeros([n, ...shape]);
  return {
    name: spec.name,
    shape: [n, ...shape],
    output,
    repeated: shape[shape.length - 1]!,
    run([values]) {
      for (let i = 0; i < n; i++) output.set(values as Float64Array, i * (values as Float64Array).length);
    },
  };
}

function concatenate(spec: TopologyLayer, inputs: readonly Below[]): Layer {
  const axis = spec.config.axis;
  const first = inputs[0]!;
  const rank = first.shape.length;
  if (axis !== -1 && axis !== rank) throw unsupported(spec, 'axis', axis, '-1');
  const widths = inputs.map(({ shape }) => shape[shape.length - 1]!);
  const rows = first.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const width = widths.reduce((a, b) => a + b, 0);
  const output = zeros([rows, width]);
  return {
    name: spec.name,
    shape: [...first.shape.slice(0, -1), width],
    output,
    repeated: first.repeated ?? 0,
    run(tensors) {
      let offset = 0;
      for (let t = 0; t < tensors.length; t++) {
        const values = tensors[t]!;
        const w = widths[t]!;
        for (let r = 0; r < rows; r++) {
          for (let i = 0; i < w; i++) output[r * width + offset + i] = values[r * w + i]!;
        }
        offset += w;
      }
    },
  };
}

function average(spec: TopologyLayer, inputs: readonly Below[]): Layer {
  const { shape } = inputs[0]!;
  const other = inputs.find((input) => input.shape.join() !== shape.join());
  if (other) throw unsupported(spec, 'shape of an input', other.shape.join(' × '), shape.join(' × '));
  const output = zeros(shape);
  return {
    name: spec.name,
    shape,
    output,
    run(tensors) {
      output.fill(0);
      for (const values of tensors) {
        for (let i = 0; i < output.length; i++) {
          output[i] = output[i]! + values[i]! / tensors.length;
        }
      }
    },
  };
}

/** Dropout says nothing outside training. */
function pass(spec: TopologyLayer, shape: Shape): Layer {
  const output = zeros(shape);
  return { name: spec.name, shape, output, run: ([values]) => output.set(values as Float64Array) };
}

function zeros(shape: Shape): Float64Array {
  return new Float64Array(shape.reduce((a, b) => a * b, 1));
}

function only(spec: TopologyLayer, inputs: readonly Below[]): Below {
  if (inputs.length !== 1) throw unsupported(spec, 'number of inputs', inputs.length, '1');
  return inputs[0]!;
}

function sized(spec: TopologyLayer, weight: Weight, name: string, shape: Shape): Float64Array {
  const found = weight(name);
  const size = shape.reduce((a, b) => a * b, 1);
  if (found && found.shape.join() === shape.join() && found.values.length === size) {
    return Float64Array.from(found.values);
  }
  throw new UserError(
    'invalid-model',
    `invalid model: weight ${spec.name}/${name} has shape [${found?.shape.join(', ') ?? 'none'}]; expected [${shape.join(', ')}]`,
  );
}

function unsupported(spec: TopologyLayer, setting: string, value: unknown, accepted: string): UserError {
  return new UserError(
    'unsupported-layer',
    `unsupported ${setting} of layer "${spec.name}": ${String(value)}; expected ${accepted}`,
  );
}
