import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Which instructions a build may use; the relaxed one has fused multiply-add. */
export type Flavour = 'relaxed-simd' | 'simd';

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = join(here, 'assembly');
const built = join(here, 'build');
const features: Record<Flavour, string> = { 'relaxed-simd': 'simd,relaxed-simd', simd: 'simd' };
const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--use', 'abort='];

/**
 * The kernel's WebAssembly, compiled when no build of these very sources lies ready (about two seconds).
 * A build is written to a temporary name and renamed, so any number of programs may ask at once;
 * where the folder cannot be written the build serves this program only.
 * @throws Error with the compiler's message when the sources do not compile.
 */
export async function kernelBytes(flavour: Flavour): Promise<Uint8Array<ArrayBuffer>> {
  const name = `${flavour}-${fingerprint(flavour)}.wasm`;
  try {
    return readFileSync(join(built, name));
  } catch {
    const bytes = await compile(flavour);
    keep(name, flavour, bytes);
    return bytes;
  }
}

function fingerprint(flavour: Flavour): string {
  const hash = createHash('sha256').update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  hash.update(JSON.stringify([flags, features[flavour]]));
  for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
  return hash.digest('hex').slice(0, 12);
}

async function compile(flavour: Flavour): Promise<Uint8Array<ArrayBuffer>> {
  const { main } = await import('assemblyscript/asc');
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await main(
    [
      relative(here, join(sources, 'index.ts')),
      '--baseDir',
      here,
      '--outFile',
      'kernel.wasm',
      '--enable',
      features[flavour],
      ...flags,
    ],
    {
      writeFile: (_, contents) => {
        bytes = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error || !bytes) throw new Error(`the training kernel does not compile: ${stderr.toString() || error?.message}`);
  return bytes;
}

function keep(name: string, flavour: Flavour, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    mkdirSync(built, { recursive: true });
    const draft = join(built, `.${process.pid}-${performance.now()}-${name}`);
    writeFileSync(draft, bytes);
    renameSync(draft, join(built, name));
    for (const file of readdirSync(built)) {
      if (file.startsWith(`${flavour}-`) && file !== name) rmSync(join(built, file), { force: true });
    }
  } catch {
    // A read-only installation: compiling again next time is slower, not wrong.
  }
}

if (import.meta.main) {
  await kernelBytes('relaxed-simd');
  await kernelBytes('simd');
}
