import { isFifo, nameOf } from '../names';
import type { CreateTopic, TopicChanges, TopicInfo, TopicSummary } from './types';

export type AttributeMap = Readonly<Record<string, string | undefined>>;

export interface Tag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

export function topicSummary(arn: string): TopicSummary {
  const name = nameOf(arn);
  return { name, arn, fifo: isFifo(name) };
}

/** What SNS answers, as the library has it. */
export function topicInfo(arn: string, attributes: AttributeMap, tags: readonly Tag[]): TopicInfo {
  const { KmsMasterKeyId: keyId, Policy } = attributes;
  return {
    ...topicSummary(arn),
    displayName: attributes.DisplayName ?? '',
    subscriptionsConfirmed: Number(attributes.SubscriptionsConfirmed ?? 0),
    subscriptionsPending: Number(attributes.SubscriptionsPending ?? 0),
    encryption: keyId ? { keyId } : 'none',
    contentBasedDeduplication: attributes.ContentBasedDeduplication === 'true',
    tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    policy: Policy ? (JSON.parse(Policy) as Record<string, unknown>) : null,
  };
}

/** Attributes for a topic that is made; only what was said, so that an existing topic with more is the same one. */
export function newAttributes(input: CreateTopic): Record<string, string> {
  return { ...(isFifo(input.name) && { FifoTopic: 'true' }), ...changedAttributes(input) };
}

/** Attributes for what is said; an empty text sets one back. */
export function changedAttributes(changes: Omit<TopicChanges, 'tags'>): Record<string, string> {
  const { displayName, contentBasedDeduplication, encryption } = changes;
  return {
    ...(displayName !== undefined && { DisplayName: displayName }),
    ...(contentBasedDeduplication !== undefined && {
      ContentBasedDeduplication: String(contentBasedDeduplication),
    }),
    ...(encryption !== undefined && { KmsMasterKeyId: encryption === 'none' ? '' : encryption.keyId }),
  };
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
