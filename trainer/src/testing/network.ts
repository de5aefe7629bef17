export { createTrainingBackend } from '../network/create-backend.ts';
export { type Kernel, loadKernel } from '../network/kernel.ts';
export { KernelDense } from '../network/kernel-dense.ts';
export { KernelLstm } from '../network/kernel-lstm.ts';
export { KernelWeights, padTo } from '../network/kernel-weights.ts';
export { randomBatch } from '../network/random-batch.ts';
export { hasTfjsNode, importTfjsNode } from '../network/tfjs-node.ts';
