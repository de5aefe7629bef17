import { UserError } from '../../errors.ts';
import type { Artifact } from '../artifact.ts';
import { createLayer, type Layer, type Shape } from './layers.ts';
import type { TopologyLayer } from './topology.ts';

/** A network ready to run on one example at a time. It owns its scratch memory: results are valid until the next run. */
export interface Network {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly outputShape: Shape;
  /** Inputs in the order of `inputs`, row-major without batch axis; returns the output, row-major. */
  run(inputs: readonly Float32Array[]): Float32Array;
}

/**
 * The forward pass of a stock tfjs functional model: the same numbers as tfjs within float32 rounding,
 * without tfjs.
 * @throws UserError `unsupported-layer` naming a layer or a setting that is not one of ours;
 * `invalid-model` when weights and layers do not fit.
 * @example
 * const raw = createNetwork(artifact).run([sequence, target]);
 */
export function createNetwork(artifact: Pick<Artifact, 'topology' | 'weightEntries' | 'weights'>): Network {
  const { class_name, config } = artifact.topology;
  if (class_name !== 'Model' && class_name !== 'Functional') {
    throw new UserError('unsupported-layer', `unsupported model class: ${class_name}; expected a functional Model`);
  }
  const weights = new Map(
    artifact.weightEntries.map(({ name, shape }, i) => [name, { shape, values: artifact.weights[i]! }]),
  );
  const layers = new Map<string, Layer>();
  const steps: { layer: Layer; from: Layer[] }[] = [];

  const build = (name: string, below: readonly string[]): Layer => {
    const known = layers.get(name);
    if (known) return known;
    const spec = config.layers.find((layer) => layer.name === name);
    if (!spec || below.includes(name)) throw new UserError('invalid-model', `invalid model: no layer feeds "${name}"`);
    const from = inputsOf(spec).map((input) => build(input, [...below, name]));
    const layer = createLayer(spec, from, (weight) => weightOf(weights, spec.name, weight));
    layers.set(name, layer);
    if (from.length > 0) steps.push({ layer, from });
    return layer;
  };

  const inputs = config.input_layers.map(([name]) => build(name, []));
  const [last, ...others] = config.output_layers;
  if (!last || others.length > 0) {
    throw new UserError('unsupported-layer', `unsupported model: ${config.output_layers.length} outputs; expected 1`);
  }
  const output = build(last[0], []);
  const result = new Float32Array(output.output.length);
  const order = steps.map(({ layer, from }) => ({ layer, tensors: from.map((one) => one.output) }));

  return {
    inputs: inputs.map((layer) => ({ name: layer.name, shape: layer.shape })),
    outputShape: output.shape,
    run(given) {
      for (let i = 0; i < inputs.length; i++) inputs[i]!.output.set(given[i]!);
      for (const { layer, tensors } of order) layer.run(tensors);
      result.set(output.output);
      return result;
    },
  };
}

function inputsOf(spec: TopologyLayer): string[] {
  if (spec.inbound_nodes.length > 1) {
    throw new UserError('unsupported-layer', `unsupported use of layer "${spec.name}": called more than once`);
  }
  return (spec.inbound_nodes[0] ?? []).map(([name]) => name);
}

/** tfjs names weights `layer/kernel`, and some layers nest a cell name between. */
function weightOf<T>(weights: ReadonlyMap<string, T>, layer: string, weight: string): T | undefined {
  const exact = weights.get(`${layer}/${weight}`);
  if (exact) return exact;
  for (const [name, found] of weights) {
    if (name.startsWith(`${layer}/`) && name.endsWith(`/${weight}`)) return found;
  }
  return undefined;
}
