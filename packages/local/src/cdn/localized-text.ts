import { Readable } from 'node:stream';
import type { OriginAnswer } from './objects';

/** Settings, pages and scripts, which may have been deployed with addresses in them. */
const TEXT = /^(?:application\/(?:json|javascript)|text\/(?:html|javascript))(?:;|$)/;
const MAX_BYTES = 1024 * 1024;

/**
 * A file with the addresses of AWS in it changed to those of this machine. The changed text has no ETag: another start may have other
 * ports, and browsers would keep the old ones.
 */
export async function withLocalText(
  answer: OriginAnswer,
  localize: (text: string) => string,
): Promise<OriginAnswer> {
  const { headers, status, body } = answer;
  const isText =
    status === 200 &&
    TEXT.test(String(headers['content-type'] ?? '')) &&
    headers['content-encoding'] === undefined &&
    Number(headers['content-length'] ?? Infinity) <= MAX_BYTES;
  if (!isText || !(body instanceof Readable)) return answer;
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  const changed = Buffer.from(localize(whole.toString()));
  if (changed.equals(whole)) return { ...answer, body: whole };
  const { etag: _etag, 'last-modified': _modified, ...others } = headers;
  return { ...answer, headers: { ...others, 'content-length': String(changed.length) }, body: changed };
}
