import { route } from '../route';
import { json, pageQuery, told } from '../schemas/base';
import * as v from 'valibot';
import { QueueName, ShareLabel } from '../schemas/names';
import { NewQueue, QueueChanges, QueueInfo, QueuePage, QueueShare } from '../schemas/queues';

const tag = 'Queues';
const params = { queue: QueueName };

const prefix = told(
  v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{0,80}$/, 'must be the begin of a name'))),
  'Only queues whose name begins so.',
);

export const queueRoutes = [
  route({
    method: 'GET',
    path: '/v1/queues',
    operationId: 'listQueues',
    tag,
    summary: 'Lists queues',
    scope: 'read',
    query: { prefix, ...pageQuery },
    success: { status: 200, description: 'A page of queues.', schema: QueuePage },
    run: ({ messaging, query }) => messaging.queues.list(query),
  }),
  route({
    method: 'POST',
    path: '/v1/queues',
    operationId: 'createQueue',
    tag,
    summary: 'Creates a queue',
    description:
      'Private, and encrypted with keys that SQS manages unless told otherwise. The same again answers the queue that exists; other attributes are a 409.',
    scope: 'admin',
    body: NewQueue,
    success: {
      status: 201,
      description: 'The queue.',
      schema: QueueInfo,
      location: (queue) => `/v1/queues/${encodeURIComponent(queue.name)}`,
    },
    run: async ({ messaging, body }) => json(await messaging.queues.create(body)),
  }),
  route({
    method: 'GET',
    path: '/v1/queues/{queue}',
    operationId: 'getQueue',
    tag,
    summary: 'Tells everything about a queue',
    scope: 'read',
    params,
    success: { status: 200, description: 'The queue.', schema: QueueInfo },
    run: async ({ messaging, params: { queue } }) => json(await messaging.queues.get(queue)),
  }),
  route({
    method: 'PATCH',
    path: '/v1/queues/{queue}',
    operationId: 'updateQueue',
    tag,
    summary: 'Changes attributes of a queue',
    description: 'What is left out stays as it is.',
    scope: 'admin',
    params,
    body: QueueChanges,
    success: { status: 200, description: 'The queue as it is now.', schema: QueueInfo },
    run: async ({ messaging, params: { queue }, body }) => json(await messaging.queues.update(queue, body)),
  }),
  route({
    method: 'DELETE',
    path: '/v1/queues/{queue}',
    operationId: 'deleteQueue',
    tag,
    summary: 'Deletes a queue with its messages',
    scope: 'admin',
    params,
    success: { status: 204, description: 'The queue is gone.' },
    run: ({ messaging, params: { queue } }) => messaging.queues.delete(queue),
  }),
  route({
    method: 'POST',
    path: '/v1/queues/{queue}/purge',
    operationId: 'purgeQueue',
    tag,
    summary: "Deletes a queue's messages",
    description: 'Takes up to a minute, and can be done once a minute.',
    scope: 'admin',
    params,
    success: { status: 202, description: 'The messages are being deleted.' },
    run: ({ messaging, params: { queue } }) => messaging.queues.purge(queue),
  }),
  route({
    method: 'PUT',
    path: '/v1/queues/{queue}/shares/{label}',
    operationId: 'shareQueue',
    tag,
    summary: 'Lets other AWS accounts use a queue',
    scope: 'admin',
    params: { queue: QueueName, label: ShareLabel },
    body: QueueShare,
    success: { status: 204, description: "The queue's policy says so." },
    run: ({ messaging, params: { queue, label }, body }) => messaging.queues.share(queue, { label, ...body }),
  }),
  route({
    method: 'DELETE',
    path: '/v1/queues/{queue}/shares/{label}',
    operationId: 'unshareQueue',
    tag,
    summary: 'Takes a grant back',
    scope: 'admin',
    params: { queue: QueueName, label: ShareLabel },
    success: { status: 204, description: 'The grant is gone.' },
    run: ({ messaging, params: { queue, label } }) => messaging.queues.unshare(queue, label),
  }),
];
