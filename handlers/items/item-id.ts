import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { HttpProblem } from '../shared/http';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** In lower case. @throws HttpProblem 400 unless the path has a UUID */
export function itemIdOf({ pathParameters }: APIGatewayProxyEventV2): string {
  const id = pathParameters?.id ?? '';
  if (UUID.test(id)) return id.toLowerCase();
  throw new HttpProblem(400, 'The id must be a UUID.', [{ parameter: 'id', detail: 'must be a UUID' }]);
}
