import { UserError } from '@tidemark/shared/errors';
import ipaddr from 'ipaddr.js';

/** Ranges of addresses whose word on where a request came from is believed. */
export type TrustedProxies = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

/**
 * Reads `TIDEMARK_TRUSTED_PROXIES`: addresses and ranges such as `10.0.0.0/8`, separated by commas.
 * @throws UserError `invalid-setting` naming the first that is none.
 */
export function parseProxies(text: string): TrustedProxies {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      try {
        if (part.includes('/')) return ipaddr.parseCIDR(part);
        const address = ipaddr.parse(part);
        return [address, address.kind() === 'ipv4' ? 32 : 128] as const;
      } catch {
        throw new UserError(
          'invalid-setting',
          `invalid TIDEMARK_TRUSTED_PROXIES: ${part.slice(0, 60)}; expected addresses or ranges such as 10.0.0.0/8, separated by commas`,
        );
      }
    });
}

/**
 * The address a request came from: that of the connection or, while that is a trusted proxy's, the next one that
 * `X-Forwarded-For` names, from its end. What a client writes there itself is never believed.
 */
export function clientAddress(connection: string, forwarded: string | undefined, trusted: TrustedProxies): string {
  const hops = [...(forwarded ?? '').split(',').map((hop) => hop.trim()), connection].filter((hop) => hop !== '');
  let address = hops.pop() ?? '';
  while (hops.length > 0 && isTrusted(address, trusted)) {
    const next = hops.pop() ?? '';
    if (!ipaddr.isValid(next)) break;
    address = next;
  }
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

function isTrusted(text: string, trusted: TrustedProxies): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return trusted.some(([range, bits]) => range.kind() === address.kind() && address.match(range as never, bits));
}
