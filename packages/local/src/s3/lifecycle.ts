import type { Clock, Timer } from '../clock';
import type { Reporter } from '../contracts';
import type { Store } from '../engine/store';
import type { Buckets } from './buckets';
import { keys } from './keys';
import type { Objects } from './objects';
import type { BucketRecord, VersionRecord, XmlTree } from './types';
import type { Uploads } from './uploads';
import { text, texts, trees } from './xml-tree';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface LifecycleOptions {
  readonly store: Store;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

/** A rule of a bucket's lifecycle; what it does not say is undefined. */
interface Rule {
  readonly id: string;
  readonly prefix: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly greaterThan: number;
  readonly lessThan: number;
  readonly days?: number;
  /** Milliseconds since the epoch. */
  readonly date?: number;
  readonly markers: boolean;
  readonly noncurrentDays?: number;
  readonly newerNoncurrent: number;
  readonly abortDays?: number;
}

/**
 * Deletes what lifecycle rules say is over, every midnight of UTC and at the start. Days are whole: an object of any time on the first with
 * one day goes at the midnight that ends the second.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export class Lifecycle {
  private timer: Timer | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: LifecycleOptions) {}

  start(): void {
    this.sweeping = this.sweep()
      .catch((error: Error) =>
        this.options.reporter.warn('s3', `cannot apply lifecycle rules: ${error.message}`),
      )
      .finally(() => {
        if (this.stopped) return;
        const { clock } = this.options;
        this.timer = clock.schedule(midnightAfter(clock.now()) - clock.now(), () => this.start());
      });
  }

  /** Resolves when a sweep that is under way is over. */
  get settled(): Promise<void> {
    return this.sweeping;
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    return this.settled;
  }

  private async sweep(): Promise<void> {
    for (const bucket of this.options.buckets.list()) {
      const rules = rulesOf(bucket.documents['lifecycle']);
      if (rules.length === 0) continue;
      const expired = await this.sweepVersions(bucket, rules);
      await this.sweepUploads(bucket, rules);
      const what = expired === 1 ? '1 object' : `${expired} objects`;
      if (expired > 0) this.options.reporter.event('s3', `${bucket.name}: ${what} expired`);
    }
  }

  private async sweepVersions(bucket: BucketRecord, rules: readonly Rule[]): Promise<number> {
    const { store, objects, clock } = this.options;
    const now = clock.now();
    let count = 0;
    let key: VersionRecord[] = [];
    const settle = async (): Promise<void> => {
      for (const version of overdue(key, rules, now)) {
        if (this.stopped) return;
        await objects.expire(bucket, version);
        count += 1;
      }
    };
    for await (const page of store.pages(keys.versions(bucket.id))) {
      for (const [, value] of page) {
        const version = JSON.parse(value) as VersionRecord;
        if (key.length > 0 && key[0]!.key !== version.key) {
          await settle();
          key = [];
        }
        key.push(version);
      }
    }
    await settle();
    return count;
  }

  private async sweepUploads(bucket: BucketRecord, rules: readonly Rule[]): Promise<void> {
    const { uploads, clock } = this.options;
    for (const upload of await uploads.list(bucket)) {
      const isOver = rules.some(
        ({ abortDays, prefix }) =>
          abortDays !== undefined &&
          upload.key.startsWith(prefix) &&
          isOverdue(upload.initiatedAt, abortDays, clock.now()),
      );
      if (isOver) await uploads.abort(bucket.name, upload.key, upload.id);
    }
  }
}

/** The versions of one key, newest first -> those whose time is over. */
function overdue(versions: readonly VersionRecord[], rules: readonly Rule[], now: number): VersionRecord[] {
  const [newest] = versions;
  const over = versions.filter((version, i) =>
    rules.some((rule) => {
      if (!selects(rule, version)) return false;
      if (i > 0) return isNoncurrentOver(rule, versions, i, now);
      if (version.deleteMarker) return false;
      return expiryOf(rule, version) <= now;
    }),
  );
  const isAlone = newest?.deleteMarker === true && versions.length === over.length + 1;
  if (!isAlone) return over;
  const markerGoes = rules.some(({ markers, prefix }) => markers && newest.key.startsWith(prefix));
  return markerGoes ? [...over, newest] : over;
}

/** A version is noncurrent since the next newer one was made. */
function isNoncurrentOver(rule: Rule, versions: readonly VersionRecord[], i: number, now: number): boolean {
  const { noncurrentDays, newerNoncurrent } = rule;
  if (noncurrentDays === undefined || i <= newerNoncurrent) return false;
  return isOverdue(versions[i - 1]!.lastModified, noncurrentDays, now);
}

function selects({ prefix, tags, greaterThan, lessThan }: Rule, version: VersionRecord): boolean {
  return (
    version.key.startsWith(prefix) &&
    version.size > greaterThan &&
    version.size < lessThan &&
    tags.every(({ key, value }) => version.tags[key] === value)
  );
}

function expiryOf({ days, date }: Rule, { lastModified }: VersionRecord): number {
  if (days !== undefined) return dueAt(lastModified, days);
  return date ?? Infinity;
}

/** The rule that ends an object first, and when; undefined where none does. */
export function expiryNotice(
  bucket: BucketRecord,
  version: VersionRecord,
): { readonly at: number; readonly ruleId: string } | undefined {
  return rulesOf(bucket.documents['lifecycle'])
    .filter((rule) => selects(rule, version))
    .map((rule) => ({ at: expiryOf(rule, version), ruleId: rule.id }))
    .filter(({ at }) => at < Infinity)
    .sort((a, b) => a.at - b.at)[0];
}

function isOverdue(since: number, days: number, now: number): boolean {
  return dueAt(since, days) <= now;
}

function dueAt(since: number, days: number): number {
  return midnightAfter(since + days * DAY_MS - 1);
}

/** The first midnight of UTC after a moment. */
function midnightAfter(moment: number): number {
  return (Math.floor(moment / DAY_MS) + 1) * DAY_MS;
}

function rulesOf(document: XmlTree | undefined): Rule[] {
  return trees(document?.['Rule'])
    .filter((rule) => text(rule['Status']) === 'Enabled')
    .map(ruleOf);
}

function ruleOf(rule: XmlTree): Rule {
  const filter = trees(rule['Filter'])[0] ?? {};
  const scopes = [filter, ...trees(filter['And'])];
  const first = (name: string) => scopes.flatMap((scope) => texts(scope[name]))[0];
  const block = (name: string) => trees(rule[name])[0] ?? {};
  const expiration = block('Expiration');
  const noncurrent = block('NoncurrentVersionExpiration');
  const date = text(expiration['Date']);
  return {
    id: text(rule['ID']),
    prefix: first('Prefix') ?? text(rule['Prefix']),
    tags: scopes
      .flatMap((scope) => trees(scope['Tag']))
      .map((tag) => ({ key: text(tag['Key']), value: text(tag['Value']) })),
    greaterThan: Number(first('ObjectSizeGreaterThan') ?? -1),
    lessThan: Number(first('ObjectSizeLessThan') ?? Infinity),
    days: integer(expiration['Days']),
    date: date === '' ? undefined : Date.parse(date),
    markers: text(expiration['ExpiredObjectDeleteMarker']) === 'true',
    noncurrentDays: integer(noncurrent['NoncurrentDays']),
    newerNoncurrent: integer(noncurrent['NewerNoncurrentVersions']) ?? 0,
    abortDays: integer(block('AbortIncompleteMultipartUpload')['DaysAfterInitiation']),
  };
}

function integer(node: XmlTree[string] | undefined): number | undefined {
  const value = text(node);
  return value === '' ? undefined : Number(value);
}
