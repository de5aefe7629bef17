import { createHash } from 'node:crypto';

/** A GUID that depends on nothing but the name, so that generating twice gives the same files. */
export function guidOf(name: string): string {
  const hex = createHash('sha256').update(`tidemark/${name}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
