import type { Messaging } from '../../messaging';
import { route } from '../route';
import { json } from '../schemas/base';
import { QueueName } from '../schemas/names';
import { DeadLetters, NewRedrive, Redrive, RedriveId, Redrives } from '../schemas/queues';

const tag = 'Dead letters';
const params = { queue: QueueName };

/** Null for a queue of another account, and one that is gone. */
async function waitingIn(messaging: Messaging, name: string): Promise<number | null> {
  try {
    const { visible, inFlight, delayed } = await messaging.queues.get(name);
    return visible + inFlight + delayed;
  } catch {
    return null;
  }
}

export const deadLetterRoutes = [
  route({
    method: 'GET',
    path: '/v1/queues/{queue}/dead-letters',
    operationId: 'getDeadLetters',
    tag,
    summary: "Tells about a queue's dead letters",
    scope: 'read',
    params,
    success: { status: 200, description: 'Where they are, how many, and whose.', schema: DeadLetters },
    run: async ({ messaging, params: { queue } }) => {
      const { deadLetter } = await messaging.queues.get(queue);
      const [messages, sources] = await Promise.all([
        deadLetter && waitingIn(messaging, deadLetter.queue),
        messaging.queues.deadLetterSources(queue),
      ]);
      return { queue: deadLetter?.queue ?? null, messages, sources };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/queues/{queue}/redrives',
    operationId: 'listRedrives',
    tag,
    summary: 'Lists the last redrives of a dead-letter queue',
    scope: 'read',
    params,
    success: { status: 200, description: 'The last ten at most, the newest first.', schema: Redrives },
    run: async ({ messaging, params: { queue } }) => ({
      items: json(await messaging.queues.redrives(queue)),
    }),
  }),
  route({
    method: 'POST',
    path: '/v1/queues/{queue}/redrives',
    operationId: 'startRedrive',
    tag,
    summary: 'Moves the messages of a dead-letter queue',
    scope: 'admin',
    params,
    body: NewRedrive,
    bodyOptional: true,
    success: { status: 202, description: 'The messages are being moved.', schema: Redrive },
    run: async ({ messaging, params: { queue }, body }) => json(await messaging.queues.redrive(queue, body)),
  }),
  route({
    method: 'DELETE',
    path: '/v1/queues/{queue}/redrives/{id}',
    operationId: 'cancelRedrive',
    tag,
    summary: 'Cancels a redrive',
    description: 'What has been moved stays where it is.',
    scope: 'admin',
    params: { queue: QueueName, id: RedriveId },
    success: { status: 202, description: 'The redrive is being cancelled.' },
    run: async ({ messaging, params: { queue, id } }) => {
      await messaging.queues.cancelRedrive(queue, id);
    },
  }),
];
