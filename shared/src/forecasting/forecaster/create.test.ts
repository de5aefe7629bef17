import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../contract/model-file/base64.ts';
import { checksum } from '../../contract/model-file/checksum.ts';
import { artifactFiles, parseArtifact } from '../../contract/model-file/files.ts';
import { decodeModel, encodeModel } from '../../contract/model-file/text.ts';
import type { BucketState } from '../../vocabulary.ts';
import { FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { createForecaster } from './create.ts';
import type { Forecaster, SeriesState } from './forecaster.ts';
import { decodeState, encodeState } from './state.ts';
import { SMALL_NETWORK, untrainedArtifact } from './untrained.ts';

const FIRST = 240_000;

function wave(weeks: number, seed: number): Series {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: 84 * weeks }, (_, i) => {
    const rhythm = 1 + Math.sin((2 * Math.PI * i) / 12) + 0.4 * Math.sin((2 * Math.PI * i) / 84);
    return Math.max(0, 1000 * rhythm + 100 * random.normal());
  });
  const states = Array.from<BucketState>({ length: values.length }).fill('observed');
  return { id: 'shop', measure: 'gross', stepMs: 7_200_000, firstBucket: FIRST, values, states };
}

function feed(forecaster: Forecaster, state: SeriesState, values: ArrayLike<number>, from = 0): void {
  for (let i = from; i < values.length; i++) {
    const value = values[i]!;
    forecaster.observe(state, FIRST + i, Number.isNaN(value) ? null : value);
  }
}

const series = wave(12, 1);
const artifact = untrainedArtifact([series], { network: SMALL_NETWORK });
const forecaster = createForecaster(artifact);

describe('createForecaster', () => {
  test('forecasts issued at an origin do not depend on anything after it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: series.values.length - 20 }),
        fc.array(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(Number.NaN)), {
          minLength: 1,
          maxLength: 20,
        }),
        (origin, changed) => {
          const issued = (future: ArrayLike<number>) => {
            const state = forecaster.start('shop', FIRST);
            feed(forecaster, state, series.values.subarray(0, origin));
            const forecast = forecaster.forecast(state);
            feed(forecaster, state, [...series.values.subarray(0, origin), ...Array.from(future)], origin);
            return forecast;
          };
          expect(issued(changed)).toEqual(issued(series.values.subarray(origin, origin + changed.length)));
        },
      ),
      { numRuns: 8 },
    );
  });

  test.each([0.5, 5])(
    'one amount mistyped a thousandfold, %d weeks into a rebuilt state, leaves later bands nearly as they are',
    (week) => {
      const judgedFrom = { ...artifact.metadata.series[0]!, scoredThrough: FIRST + series.values.length - 1 };
      const rebuilt = createForecaster({ ...artifact, metadata: { ...artifact.metadata, series: [judgedFrom] } });
      const at = FAN_COVERAGES.indexOf(0.99);
      const widthAfter = (factor: number) => {
        const values = series.values.slice();
        values[week * 84 + 3] = values[week * 84 + 3]! * factor;
        const state = rebuilt.start('shop', FIRST);
        feed(rebuilt, state, values);
        return rebuilt.forecast(state).fans.reduce((sum, { lower, upper }) => sum + upper[at]! - lower[at]!, 0);
      };
      expect(widthAfter(1_000)).toBeLessThan(1.5 * widthAfter(1));
    },
  );

  test('fans nest, rise around the median and are finite, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constant(Number.NaN)), {
          minLength: 1,
          maxLength: 40,
        }),
        (calm, wild) => {
          const state = forecaster.start('shop', FIRST);
          feed(forecaster, state, [...series.values.subarray(0, calm), ...wild]);
          const { fans } = forecaster.forecast(state);
          expect(fans).toHaveLength(12);
          for (const fan of fans) {
            const rising = [...[...fan.lower].reverse(), fan.median, ...fan.upper];
            expect(rising.every((x, i) => Number.isFinite(x) && x >= (rising[i - 1] ?? 0))).toBe(true);
            expect(fan.lower).toHaveLength(FAN_COVERAGES.length);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test('until its first bucket below zero a net series is forecast like a gross one, and after it its bands may be negative', () => {
    const net = createForecaster({ ...artifact, metadata: { ...artifact.metadata, measure: 'net' } });
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 30 }), (values) => {
        const [one, other] = [net, forecaster].map((served) => {
          const state = served.start('shop', FIRST);
          feed(served, state, [...series.values.subarray(0, 300), ...values]);
          return served.forecast(state);
        });
        expect(one).toEqual(other);
      }),
      { numRuns: 5 },
    );
    const state = net.start('shop', FIRST);
    feed(net, state, [...series.values.subarray(0, 300), -2000]);
    const restored = decodeState(encodeState(state));
    const lowest = net.forecast(restored).fans.map(({ lower }) => lower[6]!);
    expect(Math.min(...lowest)).toBeLessThan(0);
    expect(net.forecast(restored)).toEqual(net.forecast(state));
  });

  test('a 99 % band holds about 99 % of the buckets it has not seen', () => {
    const long = wave(40, 2);
    const served = createForecaster(untrainedArtifact([long], { network: SMALL_NETWORK }));
    const state = served.start('shop', FIRST);
    let inside = 0;
    let judged = 0;
    for (let i = 0; i < long.values.length; i++) {
      const value = long.values[i]!;
      if (i > 84 * 30) {
        const { lower, upper } = served.forecast(state).fans[0] as Fan;
        judged++;
        if (value >= lower[4]! && value <= upper[4]!) inside++;
      }
      served.observe(state, FIRST + i, value);
    }
    expect(inside / judged).toBeGreaterThan(0.975);
    expect(inside / judged).toBeLessThan(0.999);
  });

  test('an incident hardly moves the next bands where context is cleaned, and moves them where it is not', () => {
    const after = (cleanContext: boolean) => {
      const served = createForecaster(artifact, { cleanContext });
      const state = served.start('shop', FIRST);
      feed(served, state, [...series.values, 0, 0, 0]);
      return served.forecast(state).fans[0]!.median;
    };
    const undisturbed = createForecaster(artifact);
    const state = undisturbed.start('shop', FIRST);
    feed(undisturbed, state, [...series.values, ...series.values.subarray(0, 3)]);
    const calm = undisturbed.forecast(state).fans[0]!.median;
    expect(Math.abs(after(true) - calm)).toBeLessThan(Math.abs(after(false) - calm));
  });

  test('a stored state goes on exactly as the one it was stored from', () => {
    const state = forecaster.start('shop', FIRST);
    feed(forecaster, state, series.values.subarray(0, 700));
    const copy = decodeState(encodeState(state));
    feed(forecaster, state, series.values, 700);
    feed(forecaster, copy, series.values, 700);
    expect(forecaster.forecast(copy)).toEqual(forecaster.forecast(state));
    expect(encodeState(copy)).toEqual(encodeState(state));
  });

  test('a damaged state is refused', () => {
    const bytes = encodeState(forecaster.start('shop', FIRST));
    expect(() => decodeState(bytes.subarray(0, 5000))).toThrow(/expected \d+; rebuild/);
    expect(() => decodeState(new Uint8Array(100))).toThrow(/not a state/);
  });

  test('says who serves: the base forecast until the network has three weeks of context', () => {
    const state = forecaster.start('shop', FIRST);
    expect(forecaster.forecast(state).servedBy).toBe('base');
    feed(forecaster, state, series.values.subarray(0, 252));
    expect(forecaster.forecast(state).servedBy).toBe('lstm');
  });

  test('an unknown series, a bucket out of order and a state of another model are refused in one sentence', () => {
    expect(() => forecaster.start('nobody', FIRST)).toThrow('unknown series: "nobody"; the model serves "shop"');
    const state = forecaster.start('shop', FIRST);
    expect(() => forecaster.observe(state, FIRST + 1, 1)).toThrow(
      `bucket out of order for "shop": ${FIRST + 1}; expected ${FIRST}`,
    );
    const other = createForecaster(untrainedArtifact([series], { seed: 2, network: SMALL_NETWORK }));
    expect(() => other.forecast(state)).toThrow(/made by model untrained-1, not untrained-2/);
  });
});

describe('the text form of an artifact', () => {
  const text = encodeModel(untrainedArtifact([{ ...series, id: 'Côte d’Ivoire' }], { network: SMALL_NETWORK }));

  test('carries everything: what comes out forecasts the same', () => {
    const read = decodeModel(text.replaceAll('\n', '\r\n')).artifact;
    expect(encodeModel(read)).toBe(text);
    const served = createForecaster(read);
    const state = served.start('Côte d’Ivoire', FIRST);
    const original = forecaster.start('shop', FIRST);
    feed(served, state, series.values.subarray(0, 300));
    feed(forecaster, original, series.values.subarray(0, 300));
    expect(served.forecast(state).fans).toEqual(forecaster.forecast(original).fans);
  });

  test('any changed character after the first line is noticed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: text.length - 2 }), (at) => {
        const damaged = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
        expect(() => decodeModel(damaged).artifact).toThrow(/damaged model text/);
      }),
      { numRuns: 10 },
    );
  });

  test('of an earlier release: a model that knows no residuals, and states that it may not go on from', () => {
    const state = forecaster.start('shop', FIRST);
    feed(forecaster, state, series.values.subarray(0, 100));
    const [head = '', ...lines] = encodeModel(artifact, { states: [state] }).split('\n');
    const stored = encodeState(state);
    new DataView(stored.buffer).setFloat64(8, 5, true);
    const modelJson = lines[1]!.replace(/,"residualSums":"[^"]*"/g, '');
    const rest = [lines[0], modelJson, lines[2], encodeBase64(stored), ''].join('\n');
    const read = decodeModel(`${head.replace(/\w{8}$/, checksum(rest))}\n${rest}`);
    expect(modelJson.length).toBeLessThan(lines[1]!.length);
    expect(read.states).toEqual([]);
    expect(read.artifact.metadata.series[0]!.residualSums).toEqual(new Float32Array(0));
    expect(decodeModel(encodeModel(artifact, { states: [state] })).states).toHaveLength(1);
    const noState = [lines[0], modelJson, lines[2], encodeBase64(new Uint8Array(100)), ''].join('\n');
    expect(() => decodeModel(`${head.replace(/\w{8}$/, checksum(noState))}\n${noState}`).states).toThrow(/not a state/);
  });

  test('another version and another text are told apart', () => {
    const newer = 'model text: got v9, expected v2; a newer version of Tidemark wrote it: update this one';
    expect(() => decodeModel(text.replace(' v2 ', ' v9 ')).artifact).toThrow(newer);
    expect(() => decodeModel(text.replace(' v2 ', ' v1 ')).artifact).toThrow('got v1, expected v2; train again');
    const { modelJson, weights } = artifactFiles(artifact);
    const later = modelJson.replace(/"formatVersion":\d+/, '"formatVersion":99');
    expect(() => parseArtifact({ modelJson: later, weights })).toThrow(/got v99, expected v\d+; a newer version/);
    expect(() => decodeModel('hello').artifact).toThrow(/does not begin with "tidemark-model v2"/);
  });
});
