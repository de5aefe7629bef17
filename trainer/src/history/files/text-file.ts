import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '@tidemark/shared/errors';

/** How a file's bytes are text: by its byte order mark, as UTF-8 where all of it is, else unknown. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'unknown';

/**
 * Says how a text file is encoded. Reads all of it: a name with an accent may come late.
 * @throws UserError `unreadable-file` for one that is no gzip though it says so.
 */
export async function encodingOf(file: string): Promise<Encoding> {
  const mark = await firstBytes(file);
  if (mark[0] === 0xff && mark[1] === 0xfe) return 'utf-16le';
  if (mark[0] === 0xfe && mark[1] === 0xff) return 'utf-16be';
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of bytesOf(file)) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
      // A line's end is never inside a character of UTF-8.
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (bytes.includes(0)) return 'unknown';
      if (end > 0 && !isUtf8(bytes.subarray(0, end))) return 'unknown';
      rest = bytes.subarray(end);
    }
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
  return isUtf8(rest) ? 'utf-8' : 'unknown';
}

/** The file's text, decoded; a byte order mark is dropped. */
export function textOf(file: string, encoding: string): ReadableStream<string> {
  const bytes = Readable.toWeb(bytesOf(file)) as ReadableStream<Uint8Array>;
  return bytes.pipeThrough(new TextDecoderStream(encoding) as unknown as TransformStream<Uint8Array, string>);
}

/** Writes the file's text as UTF-8. */
export async function transcode(file: string, encoding: string, target: string): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(textOf(file, encoding) as never), createWriteStream(target));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

/** Whether the runtime knows an encoding by this name (WHATWG labels: `windows-1252`, `iso-8859-1`, `shift_jis`). */
export function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

/** The file's bytes, unpacked where its name ends in `.gz`. */
function bytesOf(file: string): Readable {
  const raw = createReadStream(file, { highWaterMark: 1 << 20 });
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
