// The part of the WebAssembly API in use: TypeScript declares it only together with the browser's DOM.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory>>);
    readonly exports: Record<string, unknown>;
  }
  interface Global {
    readonly value: number;
  }
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
