import { elementAt } from '../../forecasting/series/element-at.ts';

const TABLE = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  TABLE[n] = c;
}

/**
 * CRC-32 (ISO 3309, as in gzip) of ASCII text, as eight lower-case hex digits.
 * @param parts the text, or consecutive parts of it: joined, a model of ten thousand series would be there twice.
 */
export function checksum(...parts: readonly string[]): string {
  let crc = -1;
  for (const text of parts) {
    for (let i = 0; i < text.length; i++) {
      crc = elementAt(TABLE, (crc ^ text.charCodeAt(i)) & 255) ^ (crc >>> 8);
    }
  }
  return (~crc >>> 0).toString(16).padStart(8, '0');
}
