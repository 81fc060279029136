import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { S3 } from '../../src/s3';
import type { Letter } from '../../src/s3/events';
import type { Carrier } from '../../src/s3/outbox';
import { runUntilKilled } from '../support/killed-process';
import { bodyOf } from './killed-bucket';
import { TestS3 } from './support';

const SCRIPT = join(__dirname, 'killed-bucket.ts');
const KILLS = 3;
const FACTS = 120;
const facts = { put: new Set<string>(), deleting: new Set<string>(), deleted: new Set<string>() };
const Queue = 'arn:aws:sqs:us-east-1:000000000000:q';

/** What is there: key -> bytes. */
async function contents(s3: S3): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const bucket = s3.buckets.get('killed');
  for await (const [place] of s3.store.entries(`c!${bucket.id}!`)) {
    const key = place.slice(`c!${bucket.id}!`.length);
    const chunks: Buffer[] = [];
    for await (const chunk of s3.blobs.read(s3.objects.current(bucket, key)!.segments)) {
      chunks.push(chunk as Buffer);
    }
    found.set(key, Buffer.concat(chunks));
  }
  return found;
}

/** Takes every letter, and remembers of which change. */
function collector(delivered: string[]): Carrier {
  return {
    refusal: () => undefined,
    carry: ({ change }: Letter) => {
      delivered.push(`${change.name} ${change.key}`);
      return Promise.resolve();
    },
    test: () => Promise.resolve(),
  };
}

test('kill -9 loses nothing that was acknowledged, no notification of it, and leaves no bytes behind', async () => {
  const test3 = new TestS3();
  const delivered: string[] = [];
  try {
    let s3 = await test3.open().get();
    await s3.buckets.create('killed', {
      notification: {
        QueueConfiguration: { Queue, Event: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] },
      },
    });
    for (let kill = 0; kill < KILLS; kill += 1) {
      await test3.lazy.close();
      await runUntilKilled(SCRIPT, [test3.folder, `run${kill}`], facts, FACTS + 31 * kill);
      s3 = await test3.open().get();
      const found = await contents(s3);
      const lost = [...facts.put].filter((key) => !facts.deleting.has(key) && !found.has(key));
      const back = [...facts.deleted].filter((key) => found.has(key));
      const broken = [...found].filter(([key, body]) => !body.equals(bodyOf(key))).map(([key]) => key);
      expect({ lost, back, broken }).toEqual({ lost: [], back: [], broken: [] });
      const bytes = readdirSync(join(test3.folder, 'bytes'), { recursive: true, withFileTypes: true });
      expect(bytes.filter((file) => file.isFile())).toHaveLength(found.size);
    }
    s3.outbox.start(collector(delivered));
    await s3.outbox.settled;
    const told = new Set(delivered);
    expect([...facts.put].filter((key) => !told.has(`ObjectCreated:Put ${key}`))).toEqual([]);
    expect([...facts.deleted].filter((key) => !told.has(`ObjectRemoved:Delete ${key}`))).toEqual([]);
    // Once each: none of these runs delivered anything before it was killed.
    expect(told.size).toBe(delivered.length);
    expect(facts.deleted.size).toBeGreaterThan(0);
  } finally {
    await test3.stop();
  }
}, 60_000);

test('a notification that cannot be delivered now is delivered later, and none twice', async () => {
  const test3 = new TestS3();
  const delivered: string[] = [];
  let isDown = true;
  try {
    const s3 = await test3.open().get();
    await s3.buckets.create('later', {
      notification: { QueueConfiguration: { Queue, Event: 's3:ObjectCreated:*' } },
    });
    const carrier = collector(delivered);
    s3.outbox.start({
      ...carrier,
      carry: (letter) => (isDown ? Promise.reject(new Error('no disk')) : carrier.carry(letter)),
    });
    const settings = { headers: {}, metadata: {}, tags: {} };
    const object = { ...settings, key: 'k', segments: [], size: 0, etag: 'd41d8cd98f00b204e9800998ecf8427e' };
    await s3.objects.replace('later', object, 'ObjectCreated:Put', { principalId: 't', requestId: 't' });
    await s3.outbox.settled;
    expect(test3.lines.lines).toEqual(['s3 ! cannot deliver notifications yet: no disk']);
    isDown = false;
    test3.clock.advanceSeconds(10);
    await s3.outbox.settled;
    expect(delivered).toEqual(['ObjectCreated:Put k']);
    s3.outbox.wake();
    await s3.outbox.settled;
    expect(delivered).toHaveLength(1);
  } finally {
    await test3.stop();
  }
});
