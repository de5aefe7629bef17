import * as tf from '@tensorflow/tfjs';
import { importTfjsNode } from './tfjs-node.ts';

/**
 * Makes one of tfjs's backends the current one and runs an operation on it; `false` where that fails.
 * @param name `tensorflow` is tfjs-node's native library; `cpu` is plain JavaScript, which tests compare with.
 */
export async function setTfjsBackend(name: 'tensorflow' | 'cpu'): Promise<boolean> {
  try {
    if (name === 'tensorflow') await importTfjsNode();
    // Without this, tfjs prints a greeting when it runs on Node without tfjs-node.
    tf.env().set('PROD', true);
    if (!(await tf.setBackend(name))) return false;
    return tf.tidy(() => tf.sum(tf.square([1, 2])).dataSync()[0] === 5);
  } catch {
    return false;
  }
}
