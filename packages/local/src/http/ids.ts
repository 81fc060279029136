import { randomUUID } from 'node:crypto';
import { randomText } from '../random';

/** 15 characters and `=`, like an HTTP API's own. */
export function newRequestId(): string {
  return randomText(11, 'base64');
}

/** REST APIs and function URLs have UUIDs. */
export function newRequestUuid(): string {
  return randomUUID();
}
