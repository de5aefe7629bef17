import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = join(here, 'assembly');
const built = join(here, 'build');
const flags = ['--enable', 'simd', '-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--use', 'abort='];

/**
 * The kernel's WebAssembly: the cached build of the current sources, or a new one (about two seconds).
 * A build is written to a temporary name and renamed, so several programs can build at the same time;
 * where the folder is read-only, the build is not cached.
 * @throws Error with the compiler's message when the sources do not compile.
 */
export async function kernelBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const name = `kernel-${fingerprint()}.wasm`;
  try {
    return readFileSync(join(built, name));
  } catch {
    const bytes = await compile();
    cache(name, bytes);
    return bytes;
  }
}

function fingerprint(): string {
  const hash = createHash('sha256').update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  hash.update(JSON.stringify(flags));
  for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
  return hash.digest('hex').slice(0, 12);
}

async function compile(): Promise<Uint8Array<ArrayBuffer>> {
  const { main } = await import('assemblyscript/asc');
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await main(
    [relative(here, join(sources, 'index.ts')), '--baseDir', here, '--outFile', 'kernel.wasm', ...flags],
    {
      writeFile: (_, contents) => {
        bytes = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error || !bytes) throw new Error(`the training kernel does not compile: ${stderr.toString() || error?.message}`);
  return bytes;
}

function cache(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    mkdirSync(built, { recursive: true });
    const draft = join(built, `.${process.pid}-${performance.now()}-${name}`);
    writeFileSync(draft, bytes);
    renameSync(draft, join(built, name));
    for (const file of readdirSync(built)) {
      if (file.endsWith('.wasm') && file !== name) rmSync(join(built, file), { force: true });
    }
  } catch {
    // A read-only installation compiles the kernel at every start.
  }
}

if (import.meta.main) await kernelBytes();
