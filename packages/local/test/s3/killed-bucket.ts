/**
 * Writes and deletes objects until it is killed, and says what was acknowledged: one line a fact. Run with S3's folder and a prefix.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/clock';
import { localLocale } from '../../src/engine';
import { LazyS3 } from '../../src/s3';
import { Lines } from '../support/lines';

const WRITERS = 6;

/** So long that a half of it is no whole. */
export function bodyOf(key: string): Buffer {
  return Buffer.alloc(20_000, `${key};`);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is read asynchronously
async function* chunksOf(body: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += 4096) yield body.subarray(at, at + 4096);
}

async function main(folder: string, prefix: string): Promise<void> {
  const secretOf = () => undefined;
  const options = { folder, clock: systemClock, reporter: new Lines(), locale: localLocale, secretOf };
  const s3 = await new LazyS3(options).get();
  const actor = { principalId: 'test', requestId: 'test' };
  const acknowledge = (fact: string) => writeSync(1, `${fact}\n`);
  const write = async (writer: number): Promise<void> => {
    for (let i = 0; ; i += 1) {
      const key = `${prefix}-${writer}-${i}`;
      const body = { chunks: chunksOf(bodyOf(key)), claims: {} };
      await s3.objects.put('killed', key, body, { headers: {}, metadata: {}, tags: {} }, {}, actor);
      acknowledge(`put ${key}`);
      if (i % 3 !== 2) continue;
      acknowledge(`deleting ${key}`);
      await s3.objects.delete('killed', key, undefined, actor);
      acknowledge(`deleted ${key}`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
}

const [folder, prefix] = process.argv.slice(2);
if (folder !== undefined && prefix !== undefined) void main(folder, prefix);
