/** A failure that the person at the keyboard can act on: printed as its message alone, without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** An expression or reference of the stack that has no value here. */
export class ResolveError extends UserError {}
