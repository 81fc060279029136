import type { Aws } from '../clients';
import { isMessagingError, MessagingError } from '../errors';
import { isArn, nameOf, parseArn } from '../names';
import { OneByOne } from './one-by-one';
import type { PolicyDocument, Statement } from './queue-policy';
import { parsePolicy, permitting, renderPolicy, withdrawing } from './queue-policy';

/** What came of letting a topic send to a queue or a function. */
export interface Access {
  readonly warnings: readonly string[];
  /** Whether the permission was not there before. */
  readonly added: boolean;
}

/** The key that SQS has in every account: its policy lets SQS alone use it, and nobody can change it. */
const SQS_OWN_KEY = /(^|:)alias\/aws\/sqs$/;

/**
 * Who may send to queues, by statements in their policies. Changes of a policy are read, merged and written, one after the
 * other in this program; SQS has no way to exclude another program that changes it in the same moment.
 */
export class QueueAccess {
  private readonly oneByOne = new OneByOne();

  constructor(private readonly aws: Aws) {}

  /**
   * Puts the statement into the queue's policy.
   * @throws MessagingError 'not-found'; 'denied' outside of the prefix; 'invalid' where the queue's encryption keeps SNS out for good
   */
  async permit(queueArn: string, statement: Statement): Promise<Access> {
    if (!(await this.isOwn(queueArn))) {
      const warning = `The queue's owner has to let the topic send to ${queueArn}, with the policy statement ${JSON.stringify(statement)}`;
      return { warnings: [warning], added: false };
    }
    const name = nameOf(queueArn);
    this.aws.checkName('queue', name);
    let warnings: string[] = [];
    const added = await this.change(name, (policy, keyId) => {
      warnings = keyWarnings(name, keyId);
      return permitting(policy, statement);
    });
    return { warnings, added };
  }

  /** Takes a statement back; a queue that is gone, or is another account's, has none to take. */
  async withdraw(queueArn: string, sid: string): Promise<void> {
    const name = nameOf(queueArn);
    if (!this.aws.isVisible(name) || !(await this.isOwn(queueArn))) return;
    try {
      await this.change(name, (policy) => withdrawing(policy, sid));
    } catch (error) {
      if (!isMessagingError(error, 'not-found')) throw error;
    }
  }

  private async isOwn(queueArn: string): Promise<boolean> {
    const { account, region } = parseArn(queueArn)!;
    return account === (await this.aws.accountId()) && region === (await this.aws.region());
  }

  private change(
    name: string,
    changed: (policy: PolicyDocument, keyId: string | undefined) => PolicyDocument | undefined,
  ): Promise<boolean> {
    return this.oneByOne.run(name, () =>
      this.aws.attempt(`changing the policy of queue "${name}"`, async () => {
        const sqs = await this.aws.sqs();
        const QueueUrl = await this.aws.queueUrl(name);
        const { Attributes = {} } = await sqs.getQueueAttributes({
          QueueUrl,
          AttributeNames: ['Policy', 'KmsMasterKeyId'],
        });
        const policy = changed(parsePolicy(Attributes.Policy), Attributes.KmsMasterKeyId);
        if (policy === undefined) return false;
        await sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy: renderPolicy(policy) } });
        return true;
      }),
    );
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html */
function keyWarnings(queue: string, keyId: string | undefined): string[] {
  if (!keyId) return [];
  if (SQS_OWN_KEY.test(keyId)) {
    throw new MessagingError(
      'invalid',
      `Queue "${queue}" is encrypted with ${keyId}, which SNS cannot use: it needs SQS-managed encryption or a key of your own`,
    );
  }
  return [
    `Queue "${queue}" is encrypted with ${keyId}: the key's policy has to let the service sns.amazonaws.com do kms:GenerateDataKey* and kms:Decrypt`,
  ];
}

/** A queue's ARN, of its name or as it is. */
export async function queueArnOf(aws: Aws, nameOrArn: string, field?: string): Promise<string> {
  if (isArn(nameOrArn)) return nameOrArn;
  aws.checkName('queue', nameOrArn, field);
  return aws.queueArn(nameOrArn);
}
