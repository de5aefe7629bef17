import { UserError } from '../../errors.ts';

/**
 * What is wrong with a model of another format version, and what to do: no training helps against a newer one.
 * @param what was read, for people.
 */
export function otherVersion(what: string, got: string, expected: number): UserError {
  const advice = Number(got) > expected ? 'a newer version of Tidemark wrote it: update this one' : 'train again';
  return new UserError('unsupported-model-version', `${what}: got v${got}, expected v${expected}; ${advice}`);
}
