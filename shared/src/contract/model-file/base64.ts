import { UserError } from '../../errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Standard base64 (RFC 4648) with padding; written here because the sandboxes share no built-in for it. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    parts.push(
      ALPHABET.charAt(word >> 18) +
        ALPHABET.charAt((word >> 12) & 63) +
        (i + 1 < bytes.length ? ALPHABET.charAt((word >> 6) & 63) : '=') +
        (i + 2 < bytes.length ? ALPHABET.charAt(word & 63) : '='),
    );
  }
  return parts.join('');
}

const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** @throws UserError `invalid-base64` on a character or a length that base64 does not have. */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) {
    throw new UserError('invalid-base64', `invalid base64 text; its length is not a multiple of 4: ${text.length}`);
  }
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let to = 0;
  for (let i = 0; i < text.length; i += 4) {
    let word = 0;
    for (let k = 0; k < 4; k++) {
      const at = i + k;
      const value = at >= text.length - padding ? 0 : (VALUES[text.charCodeAt(at)] ?? -1);
      if (value < 0) throw new UserError('invalid-base64', `invalid base64 character: ${text.charAt(at)}`);
      word = (word << 6) | value;
    }
    bytes[to++] = word >> 16;
    if (to < bytes.length) bytes[to++] = (word >> 8) & 255;
    if (to < bytes.length) bytes[to++] = word & 255;
  }
  return bytes;
}
