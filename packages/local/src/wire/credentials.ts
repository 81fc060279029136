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
  if (!request.query.includes('X-Amz-Credential=')) return queryVersion2(request);
  const pair = formPairs(request.query).find(([name]) => name === 'X-Amz-Credential');
  return pair && parse(pair[1]);
}

/** S3's older presigned URLs; no other service's requests of version 2 have a time of expiry and no version. */
function queryVersion2({ query }: WireRequest): CredentialScope | undefined {
  if (
    !query.includes('AWSAccessKeyId=') ||
    !query.includes('Expires=') ||
    query.includes('SignatureVersion=')
  )
    return undefined;
  const accessKeyId = formPairs(query).find(([name]) => name === 'AWSAccessKeyId')?.[1];
  return accessKeyId ? { accessKeyId, service: 's3' } : undefined;
}

/** `<access key id>/<date>/<region>/<service>/aws4_request` */
function parse(credential: string): CredentialScope | undefined {
  const [accessKeyId, , , service, terminator] = credential.trim().split('/');
  if (!accessKeyId || !service || terminator !== 'aws4_request') return undefined;
  return { accessKeyId, service };
}
