import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../../../errors.ts';

/** How a file's bytes are text: by its byte order mark, as UTF-8 where all of it is, else unknown. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'unknown';

/** What a text file's bytes tell of how it is to be read. */
export interface TextFacts {
  readonly encoding: Encoding;
  /** Whether lines end with CR LF here and with LF there, as in exports put together, or in quoted cells. */
  readonly mixedEnds: boolean;
}

/**
 * Says how a text file is written. Reads all of it: a name with an accent may come late.
 * @throws UserError `unreadable-file` for one that is no gzip though it says so.
 */
export async function textFacts(file: string): Promise<TextFacts> {
  const mark = await firstBytes(file);
  if (mark[0] === 0xff && mark[1] === 0xfe) return { encoding: 'utf-16le', mixedEnds: false };
  if (mark[0] === 0xfe && mark[1] === 0xff) return { encoding: 'utf-16be', mixedEnds: false };
  const ends = new LineEnds();
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of bytesOf(file)) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
      // A line's end is never inside a character of UTF-8.
      const end = bytes.lastIndexOf(0x0a) + 1;
      ends.see(bytes.subarray(0, end));
      if (bytes.includes(0)) return { encoding: 'unknown', mixedEnds: false };
      if (end > 0 && !isUtf8(bytes.subarray(0, end))) return { encoding: 'unknown', mixedEnds: false };
      rest = bytes.subarray(end);
    }
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
  return { encoding: isUtf8(rest) ? 'utf-8' : 'unknown', mixedEnds: ends.mixed };
}

/** Which ends of line have been seen, in pieces that end with a line. */
class LineEnds {
  #crlf = false;
  #lf = false;

  get mixed(): boolean {
    return this.#crlf && this.#lf;
  }

  see(bytes: Buffer): void {
    if (this.mixed) return;
    if (!bytes.includes(0x0d)) {
      this.#lf ||= bytes.length > 0;
      return;
    }
    for (let at = bytes.indexOf(0x0a); at >= 0 && !this.mixed; at = bytes.indexOf(0x0a, at + 1)) {
      if (bytes[at - 1] === 0x0d) this.#crlf = true;
      else this.#lf = true;
    }
  }
}

/** The file's text, decoded; a byte order mark is dropped. */
export function textOf(file: string, encoding: string): ReadableStream<string> {
  const bytes = Readable.toWeb(bytesOf(file)) as ReadableStream<Uint8Array>;
  return bytes.pipeThrough(new TextDecoderStream(encoding) as unknown as TransformStream<Uint8Array, string>);
}

/** Writes the file's text as UTF-8, with LF at the end of every line. */
export async function transcode(file: string, encoding: string, target: string): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(textOf(file, encoding) as never), withLf, createWriteStream(target));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

async function* withLf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of texts) {
    const all = (rest + text).replaceAll('\r\n', '\n');
    // A CR at the end may be the first half of an end of line.
    rest = all.endsWith('\r') ? '\r' : '';
    yield rest === '' ? all : all.slice(0, -1);
  }
  yield rest;
}

/** The file's bytes, unpacked where its name ends in `.gz`. */
function bytesOf(file: string): Readable {
  // Thousands of small files would otherwise take a megabyte each.
  const highWaterMark = Math.max(64, Math.min(1 << 20, statSync(file).size));
  const raw = createReadStream(file, { highWaterMark });
  if (!/\.gz$/i.test(file)) return raw;
  const unpacked = createGunzip();
  raw.on('error', (error) => unpacked.destroy(error));
  return raw.pipe(unpacked);
}

async function firstBytes(file: string): Promise<Buffer> {
  if (/\.gz$/i.test(file)) {
    try {
      for await (const chunk of bytesOf(file)) return (chunk as Buffer).subarray(0, 4);
    } catch (cause) {
      throw unreadableFile(file, cause);
    }
    return Buffer.alloc(0);
  }
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function unreadableFile(file: string, cause: unknown): UserError {
  return new UserError('unreadable-file', `cannot read ${file}: ${(cause as Error).message}`, { cause });
}
