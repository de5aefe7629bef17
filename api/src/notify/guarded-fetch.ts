import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';
import { isLoopback, isPublicAddress, type TargetPolicy } from './targets.ts';

/**
 * A `fetch` that connects to public addresses only, for messages whose receivers are named by configuration: what a name
 * leads to is checked at the moment of connecting, so that no answer of a name server can lead inside afterwards.
 */
export function guardedFetch(policy: TargetPolicy): typeof fetch {
  const guarded: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = addresses.find(
        ({ address }) => !isPublicAddress(address) && !(policy.loopback && isLoopback(address)),
      );
      if (refused) return callback(new Error('the name leads to a private, link-local or special address'), []);
      const [first] = addresses;
      if (options.all || !first) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const dispatcher = new Agent({ connect: { lookup: guarded }, connections: 4 });
  return ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}
