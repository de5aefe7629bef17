// The kernel: arithmetic on one memory that belongs to the caller. It allocates nothing and keeps no state.

export { adam, sumOfSquares } from './adam';
export { maskRectified, multiplyRows, rectify } from './elementwise';
export { addColumnSums, multiply, multiplyTransposed, transposePanels } from './gemm';
export { pinballLoss } from './loss';
export { lstmBackward, lstmForward } from './lstm';
/** First byte after the kernel's own tables. */
export const firstFreeByte: usize = __data_end;
