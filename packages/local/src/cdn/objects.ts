import type { Readable } from 'node:stream';

/** An origin's answer. */
export interface OriginAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Readable | Buffer;
}

/** In whose name a distribution reads a bucket: its own (origin access control), an identity's, or nobody's. */
export type Reader =
  | { readonly kind: 'distribution' }
  | { readonly kind: 'identity'; readonly arn: string }
  | { readonly kind: 'anybody' };

export interface ObjectRequest {
  readonly bucket: string;
  readonly key: string;
  readonly method: string;
  /** Names in lower case: conditions and ranges. */
  readonly headers: ReadonlyMap<string, string>;
  readonly reader: Reader;
  readonly distributionArn: string;
}

export interface ObjectAnswer extends OriginAnswer {
  /** Why it is 403, where that is the stack's mistake. */
  readonly denied?: string;
}

/** Reads objects for distributions, as S3 answers them. */
export interface ObjectSource {
  read(request: ObjectRequest): Promise<ObjectAnswer>;
}
