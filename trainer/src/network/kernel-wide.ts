import { setFlagsFromString } from 'node:v8';

// V8 13 (Node 24) can pair the kernel's 128-bit vectors into 256-bit ones on x64 processors with AVX2; a third
// faster. The pass is still experimental there, so it is on while the kernel compiles and for nothing else, and
// what it makes is trusted only after its gradients agree with the plain loops' (`create-fitter.ts`).
const PAIRING = ['--experimental-wasm-revectorize', '--no-liftoff', '--no-wasm-lazy-compilation'];
const NORMAL = ['--no-experimental-wasm-revectorize', '--liftoff', '--wasm-lazy-compilation'];

/** An empty custom section named `wide`: V8 keeps one compilation for equal bytes, and these must be compiled anew. */
const MARK = [0, 5, 4, ...new TextEncoder().encode('wide')];

/** Compiles with paired vectors; undefined where this engine is not known to do so. */
export function compileWide(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined {
  if (process.arch !== 'x64' || !process.versions.v8.startsWith('13.')) return undefined;
  for (const flag of PAIRING) setFlagsFromString(flag);
  try {
    return new WebAssembly.Module(Uint8Array.from([...bytes, ...MARK]));
  } finally {
    for (const flag of NORMAL) setFlagsFromString(flag);
  }
}
