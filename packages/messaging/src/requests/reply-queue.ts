import { randomBytes } from 'node:crypto';
import type { Aws } from '../clients';
import { asError } from '../consumer';
import { asMessagingError } from '../errors';
import { nameOf } from '../names';

/** Says until when a temporary queue is somebody's, in seconds since 1970: its owner renews it. */
const LEASE_TAG = 'aws-micro:replies-until';
const LEASE_SECONDS = 900;
const RENEWALS = 3;
/** Others' queues that are looked at when one is made. */
const MOST_SWEPT = 100;
/** Nobody waits for a reply longer. */
const RETENTION_SECONDS = 3_600;

/** A queue for replies that lives as long as its requester; those that killed processes left behind go too. */
export class ReplyQueue {
  private readonly closed = new AbortController();
  private renewing?: Promise<void>;

  private constructor(
    private readonly aws: Aws,
    readonly name: string,
    private readonly url: string,
  ) {}

  static async create(aws: Aws): Promise<ReplyQueue> {
    const name = `${namePrefix(aws)}${randomBytes(8).toString('hex')}`;
    const url = await aws.attempt(`creating queue "${name}"`, async () => {
      const Attributes = {
        MessageRetentionPeriod: String(RETENTION_SECONDS),
        ReceiveMessageWaitTimeSeconds: '20',
        SqsManagedSseEnabled: 'true',
      };
      const { QueueUrl } = await (
        await aws.sqs()
      ).createQueue({ QueueName: name, Attributes, tags: lease(aws) });
      return QueueUrl!;
    });
    aws.rememberQueueUrl(name, url);
    const queue = new ReplyQueue(aws, name, url);
    queue.renewing = queue.renew();
    return queue;
  }

  /** Deletes the queues that nobody renews any more; answers their names. */
  static async sweep(aws: Aws): Promise<string[]> {
    return aws.attempt('sweeping reply queues', async () => {
      const sqs = await aws.sqs();
      const { QueueUrls = [] } = await sqs.listQueues({
        QueueNamePrefix: namePrefix(aws),
        MaxResults: MOST_SWEPT,
      });
      const swept: string[] = [];
      for (const QueueUrl of QueueUrls) {
        try {
          const { Tags } = await sqs.listQueueTags({ QueueUrl });
          // Without the tag it is a queue that only happens to have such a name.
          const until = Number(Tags?.[LEASE_TAG]);
          if (!(until < aws.clock.now() / 1000)) continue;
          await sqs.deleteQueue({ QueueUrl });
          swept.push(nameOf(QueueUrl));
        } catch (error) {
          // Another process swept it, or its owner closed it.
          if (asMessagingError(error, 'sweeping').code !== 'not-found') throw error;
        }
      }
      return swept;
    });
  }

  /** Deletes the queue. */
  async close(): Promise<void> {
    this.closed.abort();
    await this.renewing;
    await this.aws.attempt(`deleting queue "${this.name}"`, async () =>
      (await this.aws.sqs()).deleteQueue({ QueueUrl: this.url }),
    );
    this.aws.rememberQueueUrl(this.name);
  }

  private async renew(): Promise<void> {
    const { signal } = this.closed;
    while (!signal.aborted) {
      await this.aws.clock.wait((LEASE_SECONDS * 1000) / RENEWALS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.aws.attempt(`tagging queue "${this.name}"`, async () =>
          (await this.aws.sqs()).tagQueue({ QueueUrl: this.url, Tags: lease(this.aws) }),
        );
      } catch (error) {
        this.aws.events.emit('error', asError(error));
      }
    }
  }
}

function namePrefix({ settings }: Aws): string {
  return `${settings.prefix}replies-`;
}

function lease({ clock }: Aws): Record<string, string> {
  return { [LEASE_TAG]: String(Math.floor(clock.now() / 1000) + LEASE_SECONDS) };
}
