/** A distribution as the stack declares it. */
export interface DistributionConfig {
  /** `E2QWRUHAPOMQZL` */
  readonly id: string;
  readonly arn: string;
  /** Where `/` leads. */
  readonly defaultRootObject?: string;
  readonly origins: ReadonlyMap<string, Origin>;
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
  | { readonly kind: 'bucket'; readonly bucket: string; readonly path: string }
  /** `base` is where a host of the stack answers here: `http://127.0.0.1:3000`. */
  | { readonly kind: 'server'; readonly base: string; readonly host: string; readonly path: string }
  | { readonly kind: 'unknown'; readonly host: string };

/** How requests of some paths are answered. */
export interface Behavior {
  /** `/books*`: `*` any characters, `?` one. */
  readonly pattern: string;
  readonly originId: string;
  readonly allowedMethods: readonly string[];
  readonly compress: boolean;
  /** Whether the origin gets query string, cookies and headers of the viewer. */
  readonly forwards: boolean;
  /** Headers of the response headers policy, each with whether it replaces the origin's. */
  readonly headers: readonly { readonly name: string; readonly value: string; readonly override: boolean }[];
  /** Code of the CloudFront functions. */
  readonly onRequest?: string;
  readonly onResponse?: string;
}

/** The first behaviour whose pattern has the path. */
export function behaviorFor(path: string, { behaviors }: DistributionConfig): Behavior | undefined {
  return behaviors.find(({ pattern }) => matches(pattern, path));
}

function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const anchored = pattern.startsWith('/') || pattern.startsWith('*') ? source : `/${source}`;
  return new RegExp(`^${anchored}$`, 's').test(path);
}
