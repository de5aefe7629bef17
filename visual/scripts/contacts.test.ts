import { expect, test } from 'vitest';
import { contactsOf } from './contacts.ts';

const REAL = {
  'support-url': 'https://help.tidemark.dev/visual',
  'repository-url': 'https://github.com/tidemark/visual',
  email: 'visual@tidemark.dev',
};

test('real contacts are taken as they are, none make a draft', () => {
  expect(contactsOf(REAL)).toEqual({
    supportUrl: REAL['support-url'],
    repositoryUrl: REAL['repository-url'],
    email: REAL.email,
  });
  expect(contactsOf({ 'support-url': undefined, 'repository-url': undefined, email: undefined })).toBeNull();
});

test.each([
  ['support-url', 'https://tidemark.example/support'],
  ['support-url', 'http://help.tidemark.dev'],
  ['support-url', 'help'],
  ['repository-url', 'https://www.example.com/visual'],
  ['email', 'visual@tidemark.example'],
  ['email', 'visual'],
] as const)('a placeholder or no address is refused: --%s %s', (name, value) => {
  expect(() => contactsOf({ ...REAL, [name]: value })).toThrow(`invalid contacts: --${name} ${value}; accepted is`);
});

test('some of the three are not enough', () => {
  expect(() => contactsOf({ ...REAL, email: undefined })).toThrow('missing: --email');
});
