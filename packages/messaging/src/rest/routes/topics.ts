import { route } from '../route';
import { json, listQuery } from '../schemas/base';
import { SentBatch, SentMessage } from '../schemas/messages';
import { ShareLabel, TopicName } from '../schemas/names';
import { Confirmation, SubscriptionInfo } from '../schemas/subscriptions';
import {
  NewTopic,
  TopicChanges,
  TopicInfo,
  TopicMessage,
  TopicMessageBatch,
  TopicPage,
  TopicShare,
} from '../schemas/topics';
import { keyOf, outgoing } from './messages';

const tag = 'Topics';
const params = { topic: TopicName };

const resources = [
  route({
    method: 'GET',
    path: '/v1/topics',
    operationId: 'listTopics',
    tag,
    summary: 'Lists topics',
    scope: 'read',
    query: listQuery,
    success: { status: 200, description: 'A page of topics.', schema: TopicPage },
    run: ({ messaging, query }) => messaging.topics.list(query),
  }),
  route({
    method: 'POST',
    path: '/v1/topics',
    operationId: 'createTopic',
    tag,
    summary: 'Creates a topic',
    description: 'The same again answers the topic that exists; other attributes are a 409.',
    scope: 'admin',
    body: NewTopic,
    success: {
      status: 201,
      description: 'The topic.',
      schema: TopicInfo,
      location: (topic) => `/v1/topics/${encodeURIComponent(topic.name)}`,
    },
    run: ({ messaging, body }) => messaging.topics.create(body),
  }),
  route({
    method: 'GET',
    path: '/v1/topics/{topic}',
    operationId: 'getTopic',
    tag,
    summary: 'Tells everything about a topic',
    scope: 'read',
    params,
    success: { status: 200, description: 'The topic.', schema: TopicInfo },
    run: ({ messaging, params: { topic } }) => messaging.topics.get(topic),
  }),
  route({
    method: 'PATCH',
    path: '/v1/topics/{topic}',
    operationId: 'updateTopic',
    tag,
    summary: 'Changes attributes of a topic',
    description: 'What is left out stays as it is.',
    scope: 'admin',
    params,
    body: TopicChanges,
    success: { status: 200, description: 'The topic as it is now.', schema: TopicInfo },
    run: ({ messaging, params: { topic }, body }) => messaging.topics.update(topic, body),
  }),
  route({
    method: 'DELETE',
    path: '/v1/topics/{topic}',
    operationId: 'deleteTopic',
    tag,
    summary: 'Deletes a topic with its subscriptions',
    scope: 'admin',
    params,
    success: { status: 204, description: 'The topic is gone.' },
    run: ({ messaging, params: { topic } }) => messaging.topics.delete(topic),
  }),
];

const messages = [
  route({
    method: 'POST',
    path: '/v1/topics/{topic}/messages',
    operationId: 'publishMessage',
    tag,
    summary: 'Publishes a message to a topic',
    scope: 'write',
    idempotent: true,
    params,
    body: TopicMessage,
    success: { status: 202, description: 'The topic has the message.', schema: SentMessage },
    run: ({ messaging, params: { topic }, body, idempotencyKey }) =>
      messaging.topics.publish(topic, outgoing(topic, body, idempotencyKey)),
  }),
  route({
    method: 'POST',
    path: '/v1/topics/{topic}/messages/batch',
    operationId: 'publishMessages',
    tag,
    summary: 'Publishes up to 1000 messages to a topic',
    description: 'The answer names the messages that were not taken.',
    scope: 'write',
    idempotent: true,
    params,
    body: TopicMessageBatch,
    success: {
      status: 202,
      description: 'The topic has the messages that are not in failed.',
      schema: SentBatch,
    },
    run: ({ messaging, params: { topic }, body, idempotencyKey }) =>
      messaging.topics.publishAll(
        topic,
        body.messages.map((message, index) => outgoing(topic, message, keyOf(idempotencyKey, index))),
      ),
  }),
];

const access = [
  route({
    method: 'PUT',
    path: '/v1/topics/{topic}/shares/{label}',
    operationId: 'shareTopic',
    tag,
    summary: 'Lets other AWS accounts use a topic',
    scope: 'admin',
    params: { topic: TopicName, label: ShareLabel },
    body: TopicShare,
    success: { status: 204, description: "The topic's policy says so." },
    run: ({ messaging, params: { topic, label }, body }) => messaging.topics.share(topic, { label, ...body }),
  }),
  route({
    method: 'DELETE',
    path: '/v1/topics/{topic}/shares/{label}',
    operationId: 'unshareTopic',
    tag,
    summary: 'Takes a grant back',
    scope: 'admin',
    params: { topic: TopicName, label: ShareLabel },
    success: { status: 204, description: 'The grant is gone.' },
    run: ({ messaging, params: { topic, label } }) => messaging.topics.unshare(topic, label),
  }),
  route({
    method: 'POST',
    path: '/v1/topics/{topic}/confirmations',
    operationId: 'confirmSubscription',
    tag,
    summary: 'Confirms a subscription with its token',
    scope: 'admin',
    params,
    body: Confirmation,
    success: { status: 200, description: 'The subscription.', schema: SubscriptionInfo },
    run: async ({ messaging, params: { topic }, body }) =>
      json(await messaging.subscriptions.confirm({ topic, ...body })),
  }),
];

export const topicRoutes = [...resources, ...messages, ...access];
