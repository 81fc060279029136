import * as v from 'valibot';
import { readBody } from '../shared/body';
import { messageText } from './envelope';

const rules = {
  noun: 'message',
  schema: v.strictObject({ message: messageText }),
  example: '{"message": "..."}',
};

/**
 * The text of `{"message": "..."}`.
 *
 * @throws HttpProblem 422
 */
export function newMessageText(body: unknown): string {
  return readBody(body, rules).message;
}
