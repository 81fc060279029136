import type { Store } from '../engine/store';
import { END, keys } from './keys';
import type { BucketRecord, VersionRecord } from './types';

export interface ListRequest {
  readonly prefix: string;
  /** Keys that go on after it beyond the prefix are shown as one common prefix. */
  readonly delimiter: string;
  /** Only what comes after this key or common prefix. */
  readonly after: string;
  readonly limit: number;
}

export interface Listing<T> {
  readonly items: readonly T[];
  readonly commonPrefixes: readonly string[];
  readonly isTruncated: boolean;
  /** The last item's key, or the last common prefix; undefined for an empty page. */
  readonly last?: string;
}

/** The objects of a bucket in the order of their keys' UTF-8 bytes. */
export function listObjects(
  store: Store,
  bucket: BucketRecord,
  request: ListRequest,
): Promise<Listing<VersionRecord>> {
  return list(store, keys.currents(bucket.id), request, 'objects');
}

/** A version to go on after, within the key of `after`. */
export interface VersionListRequest extends ListRequest {
  /** Of the version after which the page begins; undefined begins after the key. */
  readonly afterSequence?: number;
}

/** Every version and delete marker, of each object the newest first. */
export function listVersions(
  store: Store,
  bucket: BucketRecord,
  request: VersionListRequest,
): Promise<Listing<VersionRecord>> {
  const { after, afterSequence } = request;
  const from =
    afterSequence === undefined ? undefined : { gt: keys.version(bucket.id, after, afterSequence) };
  return list(store, keys.versions(bucket.id), request, 'versions', from);
}

/** Where a look begins. */
type Start = { readonly gt: string } | { readonly gte: string };

async function list(
  store: Store,
  base: string,
  { prefix, delimiter, after, limit }: ListRequest,
  kind: 'objects' | 'versions',
  from?: Start,
): Promise<Listing<VersionRecord>> {
  const items: VersionRecord[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  let group = delimiter !== '' && after.endsWith(delimiter) && after.startsWith(prefix) ? after : undefined;
  let lower = from ?? start(base, prefix, after, kind);
  for (;;) {
    let skipped: string | undefined;
    for await (const [place, value] of store.range({ ...lower, lt: `${base.slice(0, -1)}"` })) {
      const key = keyIn(place.slice(base.length), kind);
      if (!key.startsWith(prefix)) break;
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      const common = end < 0 ? undefined : key.slice(0, end + delimiter.length);
      if (common === undefined || common !== group) {
        if (items.length + commonPrefixes.length >= limit) {
          return { items, commonPrefixes, isTruncated: limit > 0, last };
        }
        last = common ?? key;
        if (common === undefined) items.push(JSON.parse(value) as VersionRecord);
        else commonPrefixes.push(common);
      }
      group = common ?? group;
      if (common !== undefined) {
        skipped = place;
        break;
      }
    }
    if (skipped === undefined) return { items, commonPrefixes, isTruncated: false, last };
    // One look for each common prefix, however many keys it stands for.
    const beyond = `${base}${group!}\u{10ffff}`;
    lower = { gt: isAfter(beyond, skipped) ? beyond : skipped };
  }
}

function keyIn(rest: string, kind: 'objects' | 'versions'): string {
  return kind === 'objects' ? rest : rest.slice(0, rest.indexOf(END));
}

function start(base: string, prefix: string, after: string, kind: 'objects' | 'versions'): Start {
  if (after === '' || isAfter(prefix, after)) return { gte: base + prefix };
  return { gt: kind === 'objects' ? base + after : `${base}${after}${END}~` };
}

/** In the order of UTF-8 bytes, which is not that of JavaScript's characters. */
function isAfter(one: string, other: string): boolean {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) > 0;
}
