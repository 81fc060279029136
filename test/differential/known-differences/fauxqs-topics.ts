import type { KnownDifference } from '../support/comparison';
import { accepts, acceptsEntries, after, all, any, at, codes, missing, on, refuses } from '../support/where';
import { SNS, SNS_GUIDE } from './documents';

/** What fauxqs 1.9.2 does with topics and subscriptions otherwise than AWS. */
export const fauxqsTopics: readonly KnownDifference[] = [
  {
    oracle: 'shows no Policy of a topic that was given none',
    document: `${SNS}/API_GetTopicAttributes.html`,
    where: all(on('GetTopicAttributes'), at(/^Attributes\.Policy$/), missing),
  },
  {
    oracle: 'shows no content type in EffectiveDeliveryPolicy',
    document: `${SNS_GUIDE}/sns-message-delivery-retries.html`,
    where: all(
      on('GetTopicAttributes'),
      at(/^Attributes\.EffectiveDeliveryPolicy\.http\.defaultRequestPolicy$/),
      missing,
    ),
  },
  {
    oracle:
      'shows the scope of a filter as it was set: without a filter, and not where it was left to the default',
    document: `${SNS}/API_GetSubscriptionAttributes.html`,
    where: all(on('GetSubscriptionAttributes'), at(/^Attributes\.FilterPolicyScope$/)),
  },
  {
    oracle: 'does not count subscriptions that are gone',
    document: `${SNS}/API_GetTopicAttributes.html`,
    where: all(on('GetTopicAttributes'), at(/^Attributes\.SubscriptionsDeleted$/)),
  },
  {
    oracle: 'puts a signature and no number into the envelope of a FIFO topic',
    document: `${SNS_GUIDE}/fifo-message-delivery.html`,
    where: all(
      on('ReceiveMessage'),
      at(/^Messages\.\d+\.Body\.(SequenceNumber|Signature|SignatureVersion|SigningCertURL)$/),
      ({ step }) => JSON.stringify(step.input).includes('$url(f'),
    ),
  },
  {
    oracle: 'calls a topic to tag that does not exist NotFound',
    document: `${SNS}/API_TagResource.html`,
    where: all(
      on('TagResource', 'UntagResource', 'ListTagsForResource'),
      codes('ResourceNotFoundException', 'NotFoundException'),
    ),
  },
  {
    oracle: 'lists the subscriptions of topics that do not exist, and signs by version 1 only',
    document: `${SNS}/API_ListSubscriptionsByTopic.html`,
    where: any(
      all(on('ListSubscriptionsByTopic'), accepts('NotFoundException')),
      all(
        on('ReceiveMessage'),
        at(/^Messages\.\d+\.Body\.SignatureVersion$/),
        ({ ours, theirs }) => ours === '2' && theirs === '1',
      ),
    ),
    ends: false,
  },
  {
    oracle: 'numbers no publication of a FIFO topic',
    document: `${SNS}/API_Publish.html`,
    where: all(on('Publish', 'PublishBatch'), at(/(^|\.)SequenceNumber$/), missing),
  },
  {
    oracle: 'deduplicates in the queues of a FIFO topic, not in the topic',
    document: `${SNS_GUIDE}/fifo-message-dedup.html`,
    where: all(on('Publish', 'PublishBatch'), at(/(^|\.)MessageId$/)),
    ends: true,
  },
  {
    oracle:
      'refuses to create a FIFO topic again without the attribute ContentBasedDeduplication that it has: the action is idempotent',
    document: `${SNS}/API_CreateTopic.html`,
    where: all(on('CreateTopic'), refuses('InvalidParameterException')),
    ends: false,
  },
  {
    oracle: 'takes any name of a topic, and any value of its attributes',
    document: `${SNS}/API_CreateTopic.html`,
    where: all(on('CreateTopic', 'SetTopicAttributes'), accepts('InvalidParameterException')),
  },
  {
    oracle: 'takes any endpoint and any attribute of a subscription',
    document: `${SNS}/API_Subscribe.html`,
    where: all(
      on('Subscribe', 'SetSubscriptionAttributes'),
      any(
        accepts('InvalidParameterException'),
        // Protocols it does look at, before it looks for the topic.
        codes('NotFoundException', 'InvalidParameterException'),
      ),
    ),
  },
  {
    oracle:
      'does not look at characters, attributes, subjects, group and deduplication ids of what is published',
    document: `${SNS}/API_Publish.html`,
    where: any(
      all(
        on('Publish'),
        any(
          accepts('InvalidParameterException', 'InvalidParameterValueException'),
          codes('InvalidParameterValueException', 'InvalidParameterException'),
        ),
      ),
      all(
        on('PublishBatch'),
        acceptsEntries('InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid'),
      ),
    ),
  },
  {
    oracle: 'does not check batches as such: their size, their ids, whether there is anything in them',
    document: `${SNS}/API_PublishBatch.html`,
    where: all(
      on('PublishBatch'),
      accepts(
        'BatchRequestTooLongException',
        'BatchEntryIdsNotDistinctException',
        'EmptyBatchRequestException',
        'InvalidBatchEntryIdException',
        'TooManyEntriesInBatchRequestException',
      ),
    ),
  },
  {
    oracle: 'does not know MessageStructure',
    document: `${SNS}/API_Publish.html`,
    where: all(
      on('ReceiveMessage'),
      at(/^Messages(\.\d+\.Body(\.Message|\.MessageId)?)?$/),
      after(({ input: made }) => made['MessageStructure'] !== undefined),
    ),
    ends: true,
  },
  {
    oracle: 'takes a subscription that has attributes for another one than that without',
    document: `${SNS}/API_Subscribe.html`,
    where: all(on('Subscribe'), refuses('InvalidParameterException')),
  },
];
