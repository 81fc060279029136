import * as v from 'valibot';
import { route } from '../route';
import { json, pageQuery } from '../schemas/base';
import { TopicName } from '../schemas/names';
import {
  CreatedSubscription,
  NewSubscription,
  SubscriptionChanges,
  SubscriptionId,
  SubscriptionInfo,
  SubscriptionPage,
} from '../schemas/subscriptions';

const tag = 'Subscriptions';
const params = { id: SubscriptionId };

export const subscriptionRoutes = [
  route({
    method: 'GET',
    path: '/v1/subscriptions',
    operationId: 'listSubscriptions',
    tag,
    summary: 'Lists subscriptions',
    scope: 'read',
    query: { topic: v.optional(TopicName), ...pageQuery },
    success: { status: 200, description: 'A page of subscriptions.', schema: SubscriptionPage },
    run: async ({ messaging, query }) => json(await messaging.subscriptions.list(query)),
  }),
  route({
    method: 'POST',
    path: '/v1/subscriptions',
    operationId: 'createSubscription',
    tag,
    summary: 'Subscribes an endpoint to a topic',
    description:
      "A queue's policy gets the one statement that lets the topic send to it, a function the permission. Mail addresses and URLs have to confirm.",
    scope: 'admin',
    body: NewSubscription,
    success: {
      status: 201,
      description: 'The subscription; without an id while it has to be confirmed.',
      schema: CreatedSubscription,
      location: ({ id }) =>
        id === null ? '/v1/subscriptions' : `/v1/subscriptions/${encodeURIComponent(id)}`,
    },
    run: async ({ messaging, body }) => json(await messaging.subscriptions.create(body)),
  }),
  route({
    method: 'GET',
    path: '/v1/subscriptions/{id}',
    operationId: 'getSubscription',
    tag,
    summary: 'Tells everything about a subscription',
    scope: 'read',
    params,
    success: { status: 200, description: 'The subscription.', schema: SubscriptionInfo },
    run: async ({ messaging, params: { id } }) => json(await messaging.subscriptions.get(id)),
  }),
  route({
    method: 'PATCH',
    path: '/v1/subscriptions/{id}',
    operationId: 'updateSubscription',
    tag,
    summary: 'Changes attributes of a subscription',
    description: 'What is left out stays as it is.',
    scope: 'admin',
    params,
    body: SubscriptionChanges,
    success: { status: 200, description: 'The subscription as it is now.', schema: SubscriptionInfo },
    run: async ({ messaging, params: { id }, body }) => json(await messaging.subscriptions.update(id, body)),
  }),
  route({
    method: 'DELETE',
    path: '/v1/subscriptions/{id}',
    operationId: 'deleteSubscription',
    tag,
    summary: 'Ends a subscription',
    description: "The statement in a queue's policy, or a function's permission, goes with it.",
    scope: 'admin',
    params,
    success: { status: 204, description: 'The subscription is gone.' },
    run: ({ messaging, params: { id } }) => messaging.subscriptions.delete(id),
  }),
];
