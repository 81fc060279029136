import { presign, type PresignOptions } from './presign';

export interface IamTokenOptions extends Pick<PresignOptions, 'region' | 'credentials' | 'signedAt'> {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

const VALID_SECONDS = 900;

/**
 * The password of a database user who logs in by IAM: a presigned request, made without any call. RDS takes it for 15
 * minutes; a connection that is open stays open.
 */
export function iamToken({ host, port, user, ...signing }: IamTokenOptions): string {
  return presign({
    ...signing,
    method: 'GET',
    host: `${host}:${port}`,
    path: '/',
    service: 'rds-db',
    query: { Action: 'connect', DBUser: user },
    validSeconds: VALID_SECONDS,
  });
}
