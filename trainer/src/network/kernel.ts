import { kernelBytes } from '../../kernel/build.ts';
import { compileWide } from './kernel-wide.ts';

/** How the kernel runs, fastest first: paired vectors, fused multiply-add, plain SIMD. */
export const KERNEL_FLAVOURS = ['wide', 'relaxed-simd', 'simd'] as const;

export type KernelFlavour = (typeof KERNEL_FLAVOURS)[number];

type Numbers<Count extends number, Taken extends number[] = []> = Taken['length'] extends Count
  ? Taken
  : Numbers<Count, [number, ...Taken]>;

/** What the kernel offers, by number of arguments; addresses and strides are in bytes: `trainer/kernel/assembly`. */
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
/** Bytes of a line of the processor's cache: nothing here straddles one without need. */
const LINE = 64;
/** Most a kernel may hold, in pages of 64 KiB: 1 GiB. */
const MOST_PAGES = 16384;

/**
 * One instance of the kernel with its memory, handed out front to back. Allocation happens while a fitter is set
 * up or a larger batch than before arrives, never in a step.
 */
export class Kernel {
  readonly flavour: KernelFlavour;
  readonly run: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #floats: Float32Array;
  #next: number;

  constructor(flavour: KernelFlavour, module: WebAssembly.Module) {
    this.flavour = flavour;
    this.#memory = new WebAssembly.Memory({ initial: 16, maximum: MOST_PAGES });
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

  /** Takes back everything allocated after `mark()` returned this number. */
  release(mark: number): void {
    this.#next = mark;
  }

  mark(): number {
    return this.#next;
  }
}

/** The kernel in the first of these flavours that this engine accepts; undefined where it accepts none. */
export async function loadKernel(flavours: readonly KernelFlavour[] = KERNEL_FLAVOURS): Promise<Kernel | undefined> {
  for (const flavour of flavours) {
    const bytes = await kernelBytes(flavour === 'simd' ? 'simd' : 'relaxed-simd');
    if (!WebAssembly.validate(bytes)) continue;
    const module = flavour === 'wide' ? compileWide(bytes) : new WebAssembly.Module(bytes);
    if (module) return new Kernel(flavour, module);
  }
  return undefined;
}
