/** Plain JSON: steps and answers can be printed, compared and shrunk. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * One call of the SDK. Texts of the input may hold placeholders:
 *
 * - `$name(q0)`, `$url(q0)`, `$arn(q0)`: of the queue or topic in that slot. The slot's letter is its kind:
 *   `q` queue, `f` FIFO queue, `t` topic, `u` FIFO topic.
 * - `$subscription(3)`, `$handle(3)`: a subscription made, a receipt handle received in this sequence, counted round.
 * - `$repeat(x,1000)`: a long text.
 *
 * `{ "$base64": "..." }` stands for bytes.
 */
export interface Step {
  readonly operation: string;
  readonly input: JsonObject;
}

/** What came of a step: the answer without what is random, or the error. */
export type Outcome = JsonObject;

export const SKIPPED: Outcome = { skipped: true };

/** A text as it is, anything else as JSON; nothing for nothing. */
export function textOf(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function step(operation: string, input: JsonObject): Step {
  return { operation, input };
}
