import { existsSync } from 'node:fs';
import { ServiceError } from '../engine';
import { UserError } from '../errors';
import { LazyS3 } from '../s3';
import type { BucketRecord, ObjectSettings, S3, XmlTree } from '../s3';
import type { Resolver, Resource } from '../synth';
import { BUCKET_CONFIGURATIONS, contentOf } from '../synth';
import { bucketCarrier } from './bucket-carrier';
import { bucketOf, documentOfResource, documentsOfBucket } from './bucket-documents';
import { DEVELOPER_KEY } from './developer-key';
import { objectReader } from './object-reader';
import type { RoomContext, RoomKind } from './rooms';

const OBJECTS = ['aws_s3_object', 'aws_s3_bucket_object'] as const;
const HEADERS: Readonly<Record<string, string>> = {
  cache_control: 'cache-control',
  content_disposition: 'content-disposition',
  content_encoding: 'content-encoding',
  content_language: 'content-language',
  website_redirect: 'x-amz-website-redirect-location',
};

/** Amazon S3, opened where the stack has buckets, an earlier one had, or somebody calls. */
export const buckets: RoomKind = {
  name: 's3',
  async open(context) {
    const { resolver, data, clock, reporter, broker } = context;
    const { region, accountId } = resolver;
    const folder = data.at('s3');
    const lazy = new LazyS3({
      folder,
      clock,
      reporter,
      locale: { region, accountId },
      secretOf: (accessKeyId) => secretOf(accessKeyId, context),
      wellKnownKeyId: DEVELOPER_KEY.accessKeyId,
    });
    const names = resolver.resources('aws_s3_bucket').map((bucket) => bucket.id('bucket'));
    const isNeeded = names.length > 0 || existsSync(folder);
    const changed = isNeeded ? await hostBuckets(resolver, await lazy.get()) : [];
    return {
      wire: { s3: lazy },
      offers: { objects: objectReader(lazy) },
      async start() {
        const buses = () => context.offers().buses;
        const carrier = bucketCarrier({
          resolver,
          broker,
          permissions: context.permissions,
          buses,
          now: () => clock.now(),
        });
        lazy.onOpen((s3) => {
          s3.outbox.start(carrier);
          s3.lifecycle.start();
        });
        const s3 = lazy.opened;
        if (s3 === undefined) return;
        warnOfRefused(s3, carrier, context);
        for (const { before, after } of changed) await s3.outbox.announce(before, after);
      },
      stop: () => lazy.close(),
      banner: () => (names.length > 0 ? [['buckets', names.join(', ')]] : []),
    };
  },
};

function secretOf(accessKeyId: string, { functions }: RoomContext): string | undefined {
  if (accessKeyId === DEVELOPER_KEY.accessKeyId) return DEVELOPER_KEY.secretAccessKey;
  return functions().find(({ credentials }) => credentials.accessKeyId === accessKeyId)?.credentials
    .secretAccessKey;
}

interface Changed {
  readonly before: BucketRecord | undefined;
  readonly after: BucketRecord;
}

/** Makes the stack's buckets and objects exist, and those that it no longer has disappear. @throws UserError */
async function hostBuckets(resolver: Resolver, s3: S3): Promise<Changed[]> {
  const changed: Changed[] = [];
  const configurations = configurationsOf(resolver);
  for (const bucket of resolver.resources('aws_s3_bucket')) {
    const name = bucket.id('bucket');
    const own = configurations.filter((each) => bucketOf(each) === name);
    const documents: Record<string, XmlTree | undefined> = documentsOfBucket(bucket);
    for (const each of own) Object.assign(documents, documentOfResource(each));
    const policy = [...own, bucket]
      .map((each) => each.optionalText('policy'))
      .find((each) => each !== undefined);
    const declared = { name, ...(policy && { policy }), documents: given(documents) };
    changed.push(await asUserError(bucket, s3.declared.ensure(declared)));
  }
  const objects = resolver.resources(...OBJECTS);
  for (const object of objects) await asUserError(object, putObject(object, resolver, s3));
  const places = objects.map((object) => ({ bucket: bucketOf(object), key: object.text('key') }));
  await s3.declared.removeUndeclared(places);
  return changed;
}

function configurationsOf(resolver: Resolver): Resource[] {
  return resolver.resources(...BUCKET_CONFIGURATIONS.map((name) => `aws_s3_bucket_${name}`));
}

function given(documents: Readonly<Record<string, XmlTree | undefined>>): Record<string, XmlTree> {
  return Object.fromEntries(
    Object.entries(documents).filter((entry): entry is [string, XmlTree] => entry[1] !== undefined),
  );
}

async function putObject(object: Resource, resolver: Resolver, s3: S3): Promise<void> {
  const bucket = bucketOf(object);
  const key = object.text('key');
  await s3.declared.put({ bucket, key, content: contentOf(object, resolver), settings: settingsOf(object) });
}

function settingsOf(object: Resource): ObjectSettings {
  const headers: Record<string, string> = {
    'content-type': object.optionalText('content_type') ?? 'application/octet-stream',
  };
  for (const [argument, header] of Object.entries(HEADERS)) {
    const value = object.optionalText(argument);
    if (value !== undefined) headers[header] = value;
  }
  return {
    headers,
    metadata: object.textMap('metadata'),
    tags: object.textMap('tags'),
    encryption: { algorithm: object.optionalText('server_side_encryption') ?? 'AES256' },
  };
}

/** AWS refuses a configuration that names a target which does not let S3 in. */
function warnOfRefused(s3: S3, carrier: ReturnType<typeof bucketCarrier>, { reporter }: RoomContext): void {
  for (const bucket of s3.buckets.list()) {
    for (const target of s3.outbox.targetsOf(bucket)) {
      const refusal = carrier.refusal(target, bucket.name);
      const who = target.arn === '' ? 'EventBridge' : target.arn;
      if (refusal !== undefined) {
        reporter.warn('s3', `${bucket.name} does not notify ${who}, as AWS would refuse it: ${refusal}`);
      }
    }
  }
}

/** What S3 refuses, or a file that is not there, is the stack's mistake. */
async function asUserError<T>(resource: Resource, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isMistake = error instanceof ServiceError || (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw isMistake ? new UserError(`${resource.address}: ${(error as Error).message}`) : error;
  }
}
