import type { WireRequest } from './protocol';
import { formPairs } from './query-decoder';

/** Who calls which service, by the credential scope of Signature Version 4. The signature itself is not checked. */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** `sns`, `sqs`, ... */
  readonly service: string;
}

const PREFIX = 'AWS4-HMAC-SHA256 ';
const CREDENTIAL = 'Credential=';

/** From the Authorization header or from a presigned URL; undefined for a request without credentials. */
export function credentialScope(request: WireRequest): CredentialScope | undefined {
  const { authorization } = request.headers;
  if (authorization?.startsWith(PREFIX)) {
    const start = authorization.indexOf(CREDENTIAL) + CREDENTIAL.length;
    if (start < CREDENTIAL.length) return undefined;
    const end = authorization.indexOf(',', start);
    return parse(authorization.slice(start, end < 0 ? undefined : end));
  }
  if (!request.query.includes('X-Amz-Credential=')) return undefined;
  const pair = formPairs(request.query).find(([name]) => name === 'X-Amz-Credential');
  return pair && parse(pair[1]);
}

/** `<access key id>/<date>/<region>/<service>/aws4_request` */
function parse(credential: string): CredentialScope | undefined {
  const [accessKeyId, , , service, terminator] = credential.trim().split('/');
  if (!accessKeyId || !service || terminator !== 'aws4_request') return undefined;
  return { accessKeyId, service };
}
