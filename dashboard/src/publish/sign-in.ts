import {
  ConfidentialClientApplication,
  type Configuration,
  type INetworkModule,
  PublicClientApplication,
} from '@azure/msal-node';
import { UserError } from '@tidemark/shared/errors';

/** Who signs in. */
export interface Identity {
  readonly tenantId: string;
  readonly clientId: string;
  /** Only for a service principal. */
  readonly clientSecret?: string;
  /** Told where to go and which code to type. */
  readonly prompt: (message: string) => void;
  /** For tests: carries MSAL's requests in place of the network. */
  readonly network?: INetworkModule;
}

/** Gives a token for a scope; MSAL keeps and renews them. */
export type TokenSource = (scope: string) => Promise<string>;

/** Signs in by device code, or as a service principal where there is a secret. Nothing is written to disk. */
export function signIn(identity: Identity): TokenSource {
  const { tenantId, clientId, clientSecret, network } = identity;
  const auth = { clientId, authority: `https://login.microsoftonline.com/${tenantId}` };
  const system: Configuration['system'] = network === undefined ? {} : { networkClient: network };
  if (clientSecret !== undefined) {
    const application = new ConfidentialClientApplication({ auth: { ...auth, clientSecret }, system });
    return (scope) => tokenOf(application.acquireTokenByClientCredential({ scopes: [scope] }));
  }
  const application = new PublicClientApplication({ auth, system });
  return async (scope) => {
    const [account] = await application.getTokenCache().getAllAccounts();
    if (account !== undefined) return tokenOf(application.acquireTokenSilent({ account, scopes: [scope] }));
    return tokenOf(
      application.acquireTokenByDeviceCode({
        scopes: [scope],
        deviceCodeCallback: ({ message }) => identity.prompt(message),
      }),
    );
  };
}

async function tokenOf(result: Promise<{ accessToken: string } | null>): Promise<string> {
  try {
    const token = (await result)?.accessToken;
    if (token) return token;
  } catch (cause) {
    throw new UserError('sign-in-failed', `sign-in failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  throw new UserError('sign-in-failed', 'sign-in failed: no token came back');
}
