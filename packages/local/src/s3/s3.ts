import { join } from 'node:path';
import type { Clock } from '../clock';
import type { Reporter } from '../contracts';
import type { Locale } from '../engine/arn';
import { Store } from '../engine/store';
import { Blobs } from './blobs';
import { Buckets } from './buckets';
import { DeclaredBuckets } from './declared-buckets';
import { Lifecycle } from './lifecycle';
import { Locks } from './locks';
import { Objects } from './objects';
import { Outbox } from './outbox';
import { Sequence } from './sequence';
import type { PartRecord, VersionRecord } from './types';
import { Uploads } from './uploads';

export interface S3Options {
  /** Created if missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly locale: Locale;
}

/** Amazon S3: buckets, objects and their versions, uploads and notifications, durable in one folder. */
export class S3 {
  private constructor(
    readonly store: Store,
    readonly blobs: Blobs,
    readonly buckets: Buckets,
    readonly objects: Objects,
    readonly uploads: Uploads,
    readonly outbox: Outbox,
    readonly lifecycle: Lifecycle,
    readonly declared: DeclaredBuckets,
    readonly clock: Clock,
    readonly locale: Locale,
  ) {}

  /** @throws StoreInUseError another process holds the folder */
  static async open({ folder, clock, reporter, locale }: S3Options): Promise<S3> {
    const blobs = await Blobs.open(join(folder, 'bytes'));
    const store = await Store.open(join(folder, 'index'), clock, (error) =>
      reporter.warn('s3', `cannot write to ${folder}: ${error.message}`),
    );
    const buckets = new Buckets(store, clock);
    await buckets.restore();
    await blobs.sweep(await wantedFiles(store));
    const outbox = new Outbox({ store, clock, reporter });
    const shared = {
      ...{ store, blobs, buckets, outbox, clock, locale },
      locks: new Locks(),
      sequence: new Sequence(store),
    };
    const objects = new Objects(shared);
    const uploads = new Uploads(shared, objects);
    const lifecycle = new Lifecycle({ store, buckets, objects, uploads, clock, reporter });
    const declared = new DeclaredBuckets({ store, buckets, objects, reporter });
    return new S3(store, blobs, buckets, objects, uploads, outbox, lifecycle, declared, clock, locale);
  }

  /** Resolves when nothing is under way and everything is kept. */
  async close(): Promise<void> {
    await Promise.all([this.lifecycle.stop(), this.outbox.stop()]);
    await this.store.close();
  }
}

/** What objects and parts refer to; a process that was killed may have left more. */
async function wantedFiles(store: Store): Promise<Set<string>> {
  const wanted = new Set<string>();
  for (const prefix of ['v!', 'p!']) {
    for await (const page of store.pages(prefix)) {
      for (const [, value] of page) {
        const { segments } = JSON.parse(value) as VersionRecord | PartRecord;
        for (const { file } of segments) wanted.add(file);
      }
    }
  }
  return wanted;
}
