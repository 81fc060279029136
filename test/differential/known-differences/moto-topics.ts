import type { KnownDifference } from '../support/comparison';
import type { JsonObject } from '../support/step';
import { accepts, acceptsEntries, after, all, any, at, codes, missing, on, refuses } from '../support/where';
import { SNS, SNS_GUIDE } from './documents';

/** What moto 5.2.1 does with topics and subscriptions otherwise than AWS. */
export const motoTopics: readonly KnownDifference[] = [
  {
    oracle: 'writes EffectiveDeliveryPolicy without its level `http`, and an empty DeliveryPolicy',
    document: `${SNS}/API_GetTopicAttributes.html`,
    where: all(on('GetTopicAttributes'), at(/^Attributes\.(EffectiveDeliveryPolicy\..*|DeliveryPolicy)$/)),
  },
  {
    oracle: 'counts no subscriptions, and shows no SignatureVersion',
    document: `${SNS}/API_GetTopicAttributes.html`,
    where: all(
      on('GetTopicAttributes'),
      at(/^Attributes\.(SubscriptionsConfirmed|SubscriptionsDeleted|SignatureVersion)$/),
    ),
  },
  {
    oracle: 'shows no SubscriptionPrincipal',
    document: `${SNS}/API_GetSubscriptionAttributes.html`,
    where: all(on('GetSubscriptionAttributes'), at(/^Attributes\.SubscriptionPrincipal$/), missing),
  },
  {
    oracle: 'signs every notification by version 2, those of FIFO topics too',
    document: `${SNS_GUIDE}/sns-verify-signature-of-message.html`,
    where: all(
      on('ReceiveMessage'),
      at(/^Messages\.\d+\.Body\.(Signature|SignatureVersion|SigningCertURL|SequenceNumber)$/),
    ),
  },
  {
    oracle: 'numbers no publication of a FIFO topic',
    document: `${SNS}/API_Publish.html`,
    where: all(on('Publish', 'PublishBatch'), at(/(^|\.)SequenceNumber$/), missing),
  },
  {
    oracle: 'deduplicates in the queues of a FIFO topic, not in the topic',
    document: `${SNS_GUIDE}/fifo-message-dedup.html`,
    where: all(on('Publish', 'PublishBatch'), at(/^(MessageId|Successful\.e\d+\.MessageId)$/)),
    ends: true,
  },
  {
    oracle:
      'takes an existing topic with other attributes or tags, any value of its attributes; a wrong policy brings it down',
    document: `${SNS}/API_CreateTopic.html`,
    where: all(
      on('CreateTopic', 'SetTopicAttributes'),
      any(accepts('InvalidParameterException'), codes('InvalidParameterException', 'Error')),
    ),
  },
  {
    oracle:
      'takes any protocol, endpoint and attribute of a subscription, but for filters, which bring it down if they are no JSON',
    document: `${SNS}/API_Subscribe.html`,
    where: all(
      on('Subscribe', 'SetSubscriptionAttributes'),
      any(accepts('InvalidParameterException'), codes('InvalidParameterException', 'Error')),
    ),
  },
  {
    oracle:
      'looks at few mistakes of what is published: empty texts, characters, names of attributes, subjects, ids',
    document: `${SNS}/API_Publish.html`,
    where: any(
      all(
        on('Publish'),
        any(
          accepts('InvalidParameterException', 'InvalidParameterValueException'),
          codes('InvalidParameterException', 'MissingParameter'),
          // It looks at sizes before it looks for the topic.
          codes('NotFoundException', 'InvalidParameterException'),
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
    oracle:
      'weighs each entry of a batch and not their sum, does not check ids, and refuses all for one wrong number',
    document: `${SNS}/API_PublishBatch.html`,
    where: all(
      on('PublishBatch'),
      any(
        accepts('BatchRequestTooLongException', 'EmptyBatchRequestException', 'InvalidBatchEntryIdException'),
        refuses('InvalidParameterException'),
        codes('TooManyEntriesInBatchRequestException', 'InvalidParameterException'),
        codes('BatchRequestTooLongException', 'InvalidParameterException'),
        codes('NotFoundException', 'InvalidParameterException'),
      ),
    ),
  },
  {
    oracle: 'keeps a subscription whose attributes it has refused',
    document: `${SNS}/API_Subscribe.html`,
    where: all(
      on('ListSubscriptionsByTopic', 'GetSubscriptionAttributes', 'ReceiveMessage'),
      any(at(/^(Subscriptions|Messages$)/), accepts('NotFoundException')),
      after(({ operation, input: made }) => operation === 'Subscribe' && hasWrongAttributes(made)),
    ),
    ends: true,
  },
];

function hasWrongAttributes({ Attributes }: JsonObject): boolean {
  return /"Nothing"|perhaps|sounds-like|Everything|"x"/.test(JSON.stringify(Attributes));
}
