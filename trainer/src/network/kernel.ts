import { kernelBytes } from '../../kernel/build.ts';

type Numbers<Count extends number, Taken extends number[] = []> = Taken['length'] extends Count
  ? Taken
  : Numbers<Count, [number, ...Taken]>;

/** Exports of the kernel, by number of arguments; addresses and strides are in bytes: `trainer/kernel/assembly`. */
interface KernelExports {
  readonly firstFreeByte: WebAssembly.Global;
  multiply(...args: Numbers<10>): void;
  multiplyTransposed(...args: Numbers<9>): void;
  transposePanels(...args: Numbers<6>): void;
  addColumnSums(...args: Numbers<5>): void;
  lstmForward(...args: Numbers<10>): void;
  lstmBackward(...args: Numbers<14>): void;
  rectify(...args: Numbers<2>): void;
  maskRectified(...args: Numbers<3>): void;
  multiplyRows(...args: Numbers<6>): void;
  pinballLoss(...args: Numbers<5>): number;
  sumOfSquares(...args: Numbers<2>): number;
  adam(...args: Numbers<10>): void;
}

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const PAGE = 65536;
/** Bytes of a cache line; allocations are aligned to it. */
const LINE = 64;
/** Memory limit of a kernel, in pages of 64 KiB: 1 GiB. */
const MAX_PAGES = 16384;

/**
 * One instance of the kernel with its memory, allocated front to back. Memory is allocated when a backend is created
 * or a batch of another size arrives, never inside a step.
 */
export class Kernel {
  readonly run: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #floats: Float32Array;
  #next: number;

  constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES });
    this.#floats = new Float32Array(this.#memory.buffer);
    this.run = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as unknown as KernelExports;
    this.#next = this.run.firstFreeByte.value;
  }

  /** All memory as floats; a new view after every `allocate`. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** `count` floats of zeros; returns their address. */
  allocate(count: number): number {
    const address = Math.ceil(this.#next / LINE) * LINE;
    this.#next = address + count * FLOAT;
    const missing = this.#next - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#floats = new Float32Array(this.#memory.buffer);
    this.view(address, count).fill(0);
    return address;
  }

  /** The floats at an address; valid until the next `allocate`. */
  view(address: number, count: number): Float32Array {
    return this.#floats.subarray(address / FLOAT, address / FLOAT + count);
  }

  /** Frees everything allocated since `mark()` returned this number. */
  release(mark: number): void {
    this.#next = mark;
  }

  /** First free address. */
  mark(): number {
    return this.#next;
  }
}

/** A kernel with memory of its own; `undefined` where this engine has no WebAssembly SIMD. */
export async function loadKernel(): Promise<Kernel | undefined> {
  const bytes = await kernelBytes();
  return WebAssembly.validate(bytes) ? new Kernel(new WebAssembly.Module(bytes)) : undefined;
}
