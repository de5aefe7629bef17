import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createNetwork,
  createRandom,
  QUANTILES,
  quantilesFromRaw,
  SMALL_NETWORK,
  untrainedArtifact,
} from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { writeArtifact } from '../src/artifact/artifact-files.ts';

const python = process.env.TIDEMARK_PYTHON ?? 'python3';
const hasNumpy = spawnSync(python, ['-c', 'import numpy']).status === 0;

test.skipIf(!hasNumpy)(
  `the Python example computes what the product does (skipped where ${python} has no numpy; TIDEMARK_PYTHON names another)`,
  async () => {
    const random = createRandom(3);
    const values = Float64Array.from({ length: 84 * 6 }, () => 1_000 + 50 * random.normal());
    const states = Array.from(values, () => 'observed' as const);
    const series = { id: 'a', measure: 'net', stepMs: 7_200_000, firstBucket: 240_000, values, states } as const;
    const made = untrainedArtifact([series], { network: SMALL_NETWORK });
    // Random weights, so that gates, biases and members matter.
    const weights = made.weights.map((tensor) => tensor.map(() => 0.4 * random.normal()));
    const artifact = { ...made, weights };
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-python-'));
    try {
      const model = await writeArtifact(folder, artifact);
      const network = createNetwork(artifact);
      const inputs = network.inputs.map(({ shape: [rows = 0, columns = 0] }) =>
        Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.fround(random.normal()))),
      );
      await writeFile(join(folder, 'inputs.json'), JSON.stringify(inputs));
      const script = `import json, sys; sys.path.insert(0, ${JSON.stringify(import.meta.dirname)}); import numpy as np
from tidemark_forward import network
sequence, target = json.load(open(${JSON.stringify(join(folder, 'inputs.json'))}))
json.dump(network(${JSON.stringify(model)})(np.array(sequence), np.array(target)).tolist(), open(${JSON.stringify(join(folder, 'out.json'))}, 'w'))`;
      const { status, stderr } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const theirs = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8')) as number[][];
      const raw = network.run(inputs.map((rows) => Float32Array.from(rows.flat())));
      const ours = new Float32Array(raw.length);
      for (let at = 0; at < raw.length; at += QUANTILES) quantilesFromRaw(raw, at, ours, at);
      expect(theirs.flat()).toHaveLength(ours.length);
      for (const [i, value] of theirs.flat().entries()) {
        expect(Math.abs(value - (ours[i] as number))).toBeLessThan(1e-4);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
