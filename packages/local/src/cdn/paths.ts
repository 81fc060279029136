import type { Behavior, DistributionConfig } from './config';

/** The path and the query of a request, as they came: CloudFront passes both on unchanged. */
export function targetOf(url: string): { readonly path: string; readonly query: string } {
  const target = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark < 0 ? '' : target.slice(mark + 1) };
}

/**
 * The path by which a behaviour is found: without dot segments and repeated slashes, unreserved characters decoded. Undefined where
 * its encoding is broken.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
export function normalizedPath(path: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(path)) return undefined;
  const decoded = path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
  const segments: string[] = [];
  const given = decoded.split('/');
  for (const segment of given) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  const isFolder = segments.length > 0 && ['', '.', '..'].includes(given.at(-1)!);
  return `/${segments.join('/')}${isFolder ? '/' : ''}`;
}

/** The first behaviour whose pattern has the normalized path. */
export function behaviorFor(path: string, { behaviors }: DistributionConfig): Behavior | undefined {
  return behaviors.find(({ pattern }) => pathMatches(pattern, path));
}

/** `*` stands for any characters, also none, `?` for one; letters count as they are; a slash at the beginning may be left out. */
export function pathMatches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/^\/?/, pattern.startsWith('*') ? '' : '/')
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(path);
}
