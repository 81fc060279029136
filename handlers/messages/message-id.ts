import { idempotentId } from '../shared/idempotent-id';

/** Ours for good: with another namespace a repeated request would become a second message. */
const NAMESPACE = '3f1c6c5e0b5a4c0e9d5b7c1a8e2f4d60';

/**
 * The id of a new message: a random UUID, or for a client's `Idempotency-Key` always the same one.
 *
 * @throws HttpProblem 400 if the key has a wrong length or characters
 */
export function messageIdFor(idempotencyKey: string | undefined): string {
  return idempotentId(idempotencyKey, NAMESPACE);
}
