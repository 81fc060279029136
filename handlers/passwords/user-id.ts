import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { HttpProblem } from '../shared/http';

export const USER_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** @throws HttpProblem 400 unless the path names a user */
export function userIdOf({ pathParameters }: APIGatewayProxyEventV2): string {
  const userId = pathParameters?.userId ?? '';
  if (USER_ID.test(userId)) return userId;
  const detail = 'must have 1 to 64 characters of A-Z, a-z, 0-9, dot, underscore and hyphen';
  throw new HttpProblem(400, `The userId ${detail}.`, [{ parameter: 'userId', detail }]);
}
