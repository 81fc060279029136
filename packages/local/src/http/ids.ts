import { randomText } from '../random';

/** 15 characters and `=`, like the gateway's own. */
export function newRequestId(): string {
  return randomText(11, 'base64');
}
