import type { Forwarding } from './forwarding';
import type { HeadersPolicy } from './headers-policy';
import type { Reader } from './objects';

/** A distribution as the stack declares it. */
export interface DistributionConfig {
  /** `E2QWRUHAPOMQZL` */
  readonly id: string;
  readonly arn: string;
  readonly domainName: string;
  readonly enabled: boolean;
  /** Where `/` leads. */
  readonly defaultRootObject?: string;
  readonly origins: ReadonlyMap<string, Origin>;
  /** Origins that stand in for each other, by the group's id. */
  readonly groups: ReadonlyMap<string, OriginGroup>;
  /** In their order; the default behaviour is the last one, for `*`. */
  readonly behaviors: readonly Behavior[];
  readonly errorPages: readonly ErrorPage[];
}

/** What is answered in the place of an error of the origin. */
export interface ErrorPage {
  readonly errorCode: number;
  readonly path?: string;
  readonly responseCode?: number;
}

export type Origin =
  | { readonly kind: 'bucket'; readonly bucket: string; readonly path: string; readonly reader: Reader }
  | ServerOrigin
  | { readonly kind: 'unknown'; readonly host: string };

export interface ServerOrigin {
  readonly kind: 'server';
  /** Where a host of the stack answers here: `http://127.0.0.1:3000`. */
  readonly base: string;
  readonly path: string;
  /** What the distribution adds to every request. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface OriginGroup {
  readonly members: readonly string[];
  /** Answers of the first one with which the second is asked. */
  readonly statusCodes: readonly number[];
}

/** How requests of some paths are answered. */
export interface Behavior {
  /** `/books*` */
  readonly pattern: string;
  /** Of an origin or of a group. */
  readonly originId: string;
  readonly allowedMethods: readonly string[];
  /** Whether text is compressed: the behaviour says so, and its cache policy lets it. */
  readonly compress: boolean;
  /** What the origin gets of the viewer's request. */
  readonly forwarding: Forwarding;
  readonly headers: HeadersPolicy;
  readonly onRequest?: EdgeCode;
  readonly onResponse?: EdgeCode;
}

/** A CloudFront function. */
export interface EdgeCode {
  readonly name: string;
  readonly code: string;
}
