import type { StackView } from '../../admin/model';
import { AdminClient } from '../admin-client';
import type { Target } from '../target';
import { SETUP_TAG } from './names';
import { inParallel, isMissing, listQueues, listTopics, nameOf, queueTags, topicTags } from './resources';
import type { Tags } from './resources';

export interface Found {
  readonly kind: 'topic' | 'queue';
  readonly name: string;
  /** ARN of a topic, URL of a queue. */
  readonly id: string;
  /** Why it stays; undefined for what setup made. */
  readonly refusal: string | undefined;
}

/** What a cleanup looks at. */
export interface Selection {
  /** By these names, whoever made it. */
  readonly topic: string | undefined;
  readonly queues: readonly string[];
  /** Whether also what setup made for this topic, whatever its name. */
  readonly madeFor: (topic: string) => boolean;
}

/** What a cleanup would remove, and what it refuses to. */
export async function findDemo(target: Target, selection: Selection): Promise<Found[]> {
  const [sns, sqs] = await Promise.all([target.sns(), target.sqs()]);
  const [topics, queues, declared] = await Promise.all([
    listTopics(sns),
    listQueues(sqs),
    declaredBy(target),
  ]);
  const judge = async (kind: Found['kind'], id: string, tags: Promise<Tags>): Promise<Found[]> => {
    const name = nameOf(id);
    const found = await tags.catch((error: unknown) => {
      // Deleted in the meantime, by another cleanup for instance.
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found === undefined || !isSelected(kind, name, found[SETUP_TAG], selection)) return [];
    return [{ kind, name, id, refusal: refusalOf(kind, name, found, declared) }];
  };
  const found = [
    ...(await inParallel(topics, (arn) => judge('topic', arn, topicTags(sns, arn)))),
    ...(await inParallel(queues, (url) => judge('queue', url, queueTags(sqs, url)))),
  ];
  return found.flat();
}

function isSelected(
  kind: Found['kind'],
  name: string,
  owner: string | undefined,
  selection: Selection,
): boolean {
  const { topic, queues, madeFor } = selection;
  if (kind === 'topic' ? name === topic : queues.includes(name)) return true;
  return owner !== undefined && madeFor(owner);
}

/** Removes it; what is gone already is no error. */
export async function removeDemo(target: Target, { kind, id }: Found): Promise<void> {
  try {
    if (kind === 'topic') {
      const { DeleteTopicCommand } = await import('@aws-sdk/client-sns');
      // Its subscriptions go with it.
      await (await target.sns()).send(new DeleteTopicCommand({ TopicArn: id }));
    } else {
      const { DeleteQueueCommand } = await import('@aws-sdk/client-sqs');
      await (await target.sqs()).send(new DeleteQueueCommand({ QueueUrl: id }));
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

interface Declared {
  readonly stack: string;
  readonly has: (kind: Found['kind'], name: string) => boolean;
}

function refusalOf(
  kind: Found['kind'],
  name: string,
  tags: Tags,
  declared: Declared | undefined,
): string | undefined {
  if (declared?.has(kind, name)) return `the stack ${declared.stack} that runs here declares it`;
  const manager = tags['ManagedBy'];
  if (manager !== undefined && /cdktf|cdktn|terraform/i.test(manager)) {
    return `Terraform owns it (tag ManagedBy=${manager})`;
  }
  return tags[SETUP_TAG] === undefined ? `setup did not make it (it has no tag ${SETUP_TAG})` : undefined;
}

/** The running stack's own; undefined where no runtime answers, but an emulator or AWS. */
async function declaredBy(target: Target): Promise<Declared | undefined> {
  if (target.adminEndpoint === undefined) return undefined;
  const stack = await AdminClient.on(target)
    .get<StackView>('stack')
    .catch(() => undefined);
  if (stack === undefined) return undefined;
  const names = {
    topic: new Set(stack.topics.filter(({ declared }) => declared).map(({ name }) => name)),
    queue: new Set(stack.queues.filter(({ declared }) => declared).map(({ name }) => name)),
  };
  return { stack: stack.name, has: (kind, name) => names[kind].has(name) };
}
