import { ServiceError } from '../engine';

/**
 * One page of a list, and the token of the next.
 * @throws ServiceError `errorCode` for a token that is none.
 */
export function page<T>(
  items: readonly T[],
  size: number,
  token: string | undefined,
  errorCode: string,
): { items: readonly T[]; nextToken?: string } {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start) || start < 0)
    throw new ServiceError(errorCode, 'Invalid parameter: NextToken');
  const end = start + size;
  const nextToken = end < items.length ? Buffer.from(String(end)).toString('base64') : undefined;
  return { items: items.slice(start, end), nextToken };
}
