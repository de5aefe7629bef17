import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { importTfjsNode } from './tfjs-node.ts';

/** Our names of tfjs's backends, and its own. */
const OWN_NAMES = { 'tfjs-node': 'tensorflow', 'tfjs-wasm': 'wasm', 'tfjs-cpu': 'cpu' } as const;

export type TfjsBackend = keyof typeof OWN_NAMES;

/** Makes a backend the current one and runs an operation on it; false where that fails, for whatever reason. */
export async function setTfjsBackend(name: TfjsBackend): Promise<boolean> {
  try {
    if (name === 'tfjs-node') await importTfjsNode();
    // Otherwise tfjs greets on the console when it finds itself in Node without its native part.
    tf.env().set('PROD', true);
    if (!(await tf.setBackend(OWN_NAMES[name]))) return false;
    return tf.tidy(() => tf.sum(tf.square([1, 2])).dataSync()[0] === 5);
  } catch {
    return false;
  }
}
