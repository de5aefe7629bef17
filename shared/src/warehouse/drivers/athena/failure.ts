import { UserError, type UserErrorCode } from '../../../errors.ts';

const BUSY = new Set([
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
  'InternalServerException',
  'InternalFailure',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'RequestTimeout',
]);

const BROKEN = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

const REMEDIES: readonly [pattern: RegExp, code: UserErrorCode, remedy: string][] = [
  [
    /Expired(Token)?/,
    'expired-credentials',
    'the AWS session has expired; sign in again (for example `aws sso login`), then run the same command to go on',
  ],
  [
    /CredentialsProviderError|TokenProviderError/,
    'no-credentials',
    'no AWS credentials found; set AWS_PROFILE, or run `aws configure`, or give the machine a role',
  ],
  [
    /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature/,
    'invalid-credentials',
    'AWS does not accept these credentials; check AWS_PROFILE and the clock of this machine',
  ],
  [
    /AccessDenied/,
    'access-denied',
    'these credentials may not do that; ask for athena:*QueryExecution, glue:Get*, and s3 rights on the table and the result location',
  ],
  [
    /InvalidRequestException|ValidationException|MetadataException|ResourceNotFound/,
    'invalid-request',
    'Athena refuses the request',
  ],
];

/**
 * Whether waiting helps: throttling, server faults, broken connections and answers cut short do pass; everything else
 * does not. `ThrottlingException` is not a modelled class of the SDK, hence by name.
 */
export function isRetryable(error: unknown): boolean {
  const { name, code, $metadata, message } = shapeOf(error);
  if (BUSY.has(name) || BROKEN.has(code)) return true;
  if (($metadata?.httpStatusCode ?? 0) >= 500) return true;
  // An answer that broke off in the middle is not JSON, or ends before its length.
  return name === 'SyntaxError' || /aborted|socket hang up|premature close|terminated|unexpected end/i.test(message);
}

/** Whether a finished query's result is no longer there, as when its bucket clears old results away. */
export function isGone(error: unknown): boolean {
  const { name, message } = shapeOf(error instanceof UserError && error.cause ? error.cause : error);
  return (
    name === 'NoSuchKey' ||
    (name === 'InvalidRequestException' && /could not find results|not found|expired/i.test(message))
  );
}

/** The error as a `UserError` with a remedy where it is a mistake of the caller; else the error itself. */
export function toUserError(error: unknown): unknown {
  if (error instanceof UserError) return error;
  const { name, message } = shapeOf(error);
  if (/Region is missing/.test(message)) {
    return new UserError('no-region', 'no AWS region; set AWS_REGION, for example AWS_REGION=us-east-1', {
      cause: error,
    });
  }
  const known = REMEDIES.find(([pattern]) => pattern.test(name));
  return known ? new UserError(known[1], `${known[2]} (${name}: ${message})`, { cause: error }) : error;
}

interface ErrorShape {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function shapeOf(error: unknown): ErrorShape {
  const { name = '', code = '', message = '', $metadata } = (error ?? {}) as Partial<ErrorShape>;
  return { name, code: String(code), message, ...($metadata ? { $metadata } : {}) };
}
