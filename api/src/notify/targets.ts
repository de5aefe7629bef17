import { UserError } from '@tidemark/shared/errors';
import ipaddr from 'ipaddr.js';

/** Which addresses webhooks may be sent to. */
export interface TargetPolicy {
  /** Also this machine itself, over plain http; for tests and receivers beside the service. */
  readonly loopback: boolean;
}

/**
 * Names that the internet does not know: without a dot, of this machine, of mDNS, of private zones and of other networks
 * (RFC 6761, 6762, 8375, 9476; ICANN's list of names that collide; Kubernetes).
 */
const INNER_NAMES =
  /^[^.]+\.?$|(^|\.)(localhost|local|internal|intranet|lan|corp|home|mail|arpa|localdomain|test|invalid|onion|alt|svc)\.?$/i;

/** Of Azure: to each of its machines it is the machine's own host, though the address looks like any other. */
const AZURE_HOST = '168.63.129.16';

const GLOBAL_UNICAST = ipaddr.parse('2000::');

/**
 * Whether an address of the internet is meant: no private, link-local, loopback, multicast or otherwise special one,
 * whichever way it is written.
 * @param address as text, IPv4 or IPv6, without brackets.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  // Of IPv6 only 2000::/3 was ever given to the internet; in what is left of ::/96 lie addresses of IPv4.
  if (parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST, 3)) return false;
  return parsed.range() === 'unicast' && parsed.toString() !== AZURE_HOST;
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/**
 * Checks where a webhook goes. `URL` writes addresses in their usual form, so `http://2130706433/` is `127.0.0.1` here.
 * Names are looked up when a message is sent, see `guardedFetch`.
 * @throws UserError `invalid-webhooks`, without the address.
 */
export function checkTarget(name: string, url: string, { loopback }: TargetPolicy): void {
  const { protocol, hostname, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isLocal = isLoopback(host) || /^localhost\.?$/i.test(host);
  const refuse = (why: string) => new UserError('invalid-webhooks', `invalid TIDEMARK_WEBHOOKS: "${name}" ${why}`);
  // No request can be made of such an address.
  if (username + password !== '') throw refuse('holds a user name or a password; expected an address without');
  if (isLocal && loopback) return;
  if (isLocal) throw refuse('leads to this machine; expected a public address, or TIDEMARK_WEBHOOKS_LOOPBACK=true');
  if (protocol !== 'https:') throw refuse('is not https');
  if (ipaddr.isValid(host) ? !isPublicAddress(host) : INNER_NAMES.test(host)) {
    throw refuse('leads to a private, link-local or special address; expected a public one');
  }
}
