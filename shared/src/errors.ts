/**
 * A mistake the caller can mend: bad configuration, a missing column, an unknown series.
 * The message names the thing, its value and what is accepted. Anything else that is thrown
 * is a bug and travels up unchanged.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable, kebab-case; the last part of the problem document's `type` over HTTP. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
