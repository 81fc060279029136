import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { HttpProblem } from '../shared/http';

export const ORDER_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** @throws HttpProblem 400 unless the path names an order */
export function orderIdOf({ pathParameters }: APIGatewayProxyEventV2): string {
  const orderId = pathParameters?.orderId ?? '';
  if (ORDER_ID.test(orderId)) return orderId;
  const detail = 'must have 1 to 64 characters of A-Z, a-z, 0-9, dot, underscore and hyphen';
  throw new HttpProblem(400, `The orderId ${detail}.`, [{ parameter: 'orderId', detail }]);
}
