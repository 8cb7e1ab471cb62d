// How author code says no: an error with a diagnostic code. compile/ turns it into a located diagnostic; it is no other error.

export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    /** Diagnostic code, e.g. `compile/bad-axis`. */
    readonly code: string,
    message: string,
    readonly remedy: string,
    /** Property path inside the definition that is at fault, e.g. `["outputs", "catalog"]`; narrows the source span. */
    readonly at: readonly string[] = [],
  ) {
    super(message);
  }
}

export function refuse(code: string, message: string, remedy: string, at: readonly string[] = []): never {
  throw new Refusal(code, message, remedy, at);
}
