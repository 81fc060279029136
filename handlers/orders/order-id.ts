import { HttpProblem } from '../shared/http';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** In lower case. @throws HttpProblem 404: what is no UUID is no order's id */
export function orderIdOf(id: unknown): string {
  if (typeof id === 'string' && UUID.test(id)) return id.toLowerCase();
  throw noSuchOrder();
}

export function noSuchOrder(): HttpProblem {
  return new HttpProblem(404, 'There is no such order.');
}
