import { encode } from './presign';

export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  /** Where S3 answers, if not at its own address. */
  readonly endpoint?: string;
}

/** The bucket is part of the host at S3's own address, and of the path at another, as with the SDK's endpoint rules for IP addresses. */
export function objectAddress({ bucket, key, endpoint, region }: ObjectLocation) {
  const path = `/${key.split('/').map(encode).join('/')}`;
  if (endpoint === undefined)
    return { protocol: 'https:', host: `${bucket}.s3.${region}.amazonaws.com`, path };
  const { protocol, host } = new URL(endpoint);
  return { protocol, host, path: `/${bucket}${path}` };
}
