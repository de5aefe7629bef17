import { UserError } from '@tidemark/shared/errors';

/** Who signs in, and the key of the API, from the environment. */
export interface PublishEnv {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly apiKey: string | undefined;
}

/** What the environment says; nothing is required yet. */
export function publishEnv(): Partial<PublishEnv> {
  const { POWERBI_TENANT_ID, POWERBI_CLIENT_ID, POWERBI_CLIENT_SECRET, TIDEMARK_READ_KEY } = process.env;
  return Object.fromEntries(
    Object.entries({
      tenantId: POWERBI_TENANT_ID,
      clientId: POWERBI_CLIENT_ID,
      clientSecret: POWERBI_CLIENT_SECRET,
      apiKey: TIDEMARK_READ_KEY,
    }).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/**
 * The identity for a way of signing in.
 * @throws UserError `missing-identity` naming the variable.
 */
export function identityOf(env: Partial<PublishEnv>, signIn: 'device-code' | 'service-principal') {
  const required = (value: string | undefined, name: string) => {
    if (value === undefined)
      throw new UserError('missing-identity', `${name} is not set; see docs/power-bi.md, Publishing`);
    return value;
  };
  const identity = {
    tenantId: required(env.tenantId, 'POWERBI_TENANT_ID'),
    clientId: required(env.clientId, 'POWERBI_CLIENT_ID'),
  };
  if (signIn === 'device-code') return identity;
  return { ...identity, clientSecret: required(env.clientSecret, 'POWERBI_CLIENT_SECRET') };
}
