import type { Aws } from '../clients';
import { isArn } from '../names';
import type { Undo } from '../undo';
import { FunctionAccess, functionArnOf } from './function-access';
import { QueueAccess, queueArnOf } from './queue-access';
import { deadLetterStatementId, queueStatement, statementId } from './queue-policy';
import type { CreateSubscription, SubscriptionInfo } from './types';

/** Between whom a subscription is. */
export interface Link {
  readonly topicArn: string;
  readonly protocol: string;
  /** As SNS has it. */
  readonly endpoint: string;
}

/** Lets topics send to the endpoints that do not take from everybody: queues and functions. */
export class EndpointAccess {
  private readonly queues: QueueAccess;
  private readonly functions: FunctionAccess;

  constructor(private readonly aws: Aws) {
    this.queues = new QueueAccess(aws);
    this.functions = new FunctionAccess(aws);
  }

  isNeeded(protocol: string): boolean {
    return protocol === 'sqs' || protocol === 'lambda';
  }

  /** An endpoint as SNS takes it: the ARN of a queue or a function. */
  endpointOf({ protocol, endpoint }: CreateSubscription): Promise<string> {
    if (protocol === 'sqs') return queueArnOf(this.aws, endpoint, 'endpoint');
    if (protocol === 'lambda') return functionArnOf(this.aws, endpoint, 'endpoint');
    return Promise.resolve(endpoint);
  }

  /** Lets the topic send to the endpoint. @returns what its owner has to see to */
  async permit(link: Link, undo: Undo): Promise<readonly string[]> {
    if (!this.isNeeded(link.protocol)) return [];
    const { warnings, added } = await this.permitEndpoint(link);
    if (added) undo.add(() => this.withdraw(link));
    return warnings;
  }

  /** Takes back what let the topic send to the endpoint. */
  async withdraw({ topicArn, protocol, endpoint }: Link): Promise<void> {
    if (protocol === 'sqs') await this.queues.withdraw(endpoint, statementId(topicArn));
    if (protocol === 'lambda') await this.functions.withdraw(endpoint, statementId(topicArn));
  }

  /** Lets the topic leave in a queue what it cannot deliver. */
  async permitDeadLetters(link: Link, queue: string, undo: Undo): Promise<readonly string[]> {
    const queueArn = await queueArnOf(this.aws, queue, 'deadLetterQueue');
    const sid = deadLetterStatementId(link.topicArn, link.endpoint);
    const statement = queueStatement(queueArn, link.topicArn, sid);
    const { warnings, added } = await this.queues.permit(queueArn, statement);
    if (added) undo.add(() => this.queues.withdraw(queueArn, sid));
    return warnings;
  }

  async withdrawDeadLetters(link: Link, queue: SubscriptionInfo['deadLetterQueue']): Promise<void> {
    if (queue === null) return;
    // The name of a queue that the prefix hides was not given its statement here.
    if (!isArn(queue) && !this.aws.isVisible(queue)) return;
    await this.queues.withdraw(
      await queueArnOf(this.aws, queue),
      deadLetterStatementId(link.topicArn, link.endpoint),
    );
  }

  private permitEndpoint({ topicArn, protocol, endpoint }: Link) {
    if (protocol === 'sqs') return this.queues.permit(endpoint, queueStatement(endpoint, topicArn));
    return this.functions.permit(endpoint, {
      statementId: statementId(topicArn),
      principal: 'sns.amazonaws.com',
      sourceArn: topicArn,
    });
  }
}
