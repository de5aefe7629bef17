import { describe, expect, test } from 'vitest';
import { clientAddress, parseProxies } from './client-address.ts';

describe('the address of a client', () => {
  const trusted = parseProxies('10.0.0.0/8, 2001:db8::/32, 192.0.2.1');

  test.each([
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['2001:db8::7', 'not an address', '2001:db8::7'],
    ['10.1.2.3', '', '10.1.2.3'],
    ['192.0.2.1', '10.0.0.1', '10.0.0.1'],
  ])('of a connection from %s that forwards "%s" is %s', (connection, forwarded, expected) => {
    expect(clientAddress(connection, forwarded, trusted)).toBe(expected);
  });

  test('without trusted proxies it is that of the connection, whatever a client writes', () => {
    expect(clientAddress('203.0.113.9', '1.2.3.4', parseProxies(''))).toBe('203.0.113.9');
  });

  test('a range that is none is refused with what is accepted', () => {
    expect(() => parseProxies('10.0.0.0/8, office')).toThrow(
      'invalid TIDEMARK_TRUSTED_PROXIES: office; expected addresses or ranges such as 10.0.0.0/8',
    );
  });
});
