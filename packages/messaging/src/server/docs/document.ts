import { EVENT_NAMES } from '../../events';
import { openApiDocument } from '../../rest';
import type { OpenApiDocument } from '../../rest';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const text = (type: string, description: string) => ({
  '200': { description, content: { [type]: { schema: { type: 'string' } } } },
});

const query = (name: string, description: string, example?: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
  ...(example !== undefined && { example }),
});

const ticketSchema = {
  type: 'object',
  required: ['ticket', 'expiresAt'],
  properties: { ticket: { type: 'string' }, expiresAt: { type: 'string', format: 'date-time' } },
};

const PATHS: OpenApiDocument['paths'] = {
  '/v1/events': {
    get: {
      operationId: 'streamEvents',
      tags: ['Events'],
      summary: 'What happens, as Server-Sent Events',
      description: `Each event is a CloudEvent (JSON) with an id to come back with; \`event: gap\` tells that events were lost. Types: ${EVENT_NAMES.join(', ')}.`,
      'x-scope': 'read',
      parameters: [
        query('type', 'Only events of these types; patterns with *, divided by commas.', 'message.*'),
        query('resource', 'Only of these queues, topics, subscriptions, alarms; patterns with *.', 'orders*'),
        query('lastEventId', 'As the header Last-Event-ID: go on behind this event.'),
        query('ticket', 'In place of a token, for EventSource.'),
      ],
      responses: {
        ...text('text/event-stream', 'The stream; it ends only when one side ends it.'),
        '400': problem('A filter that cannot be meant.'),
        '401': problem('No valid token or ticket.'),
        '503': problem('Too many streams.'),
      },
    },
  },
  '/v1/events/tickets': {
    post: {
      operationId: 'createEventTicket',
      tags: ['Events'],
      summary: 'A ticket for one stream, to be used within 30 seconds',
      description:
        'For EventSource, which sends no headers. A ticket is good once: after a connection was lost, take a new one and give the last id as `lastEventId`.',
      'x-scope': 'read',
      responses: {
        '201': { description: 'The ticket.', content: { 'application/json': { schema: ticketSchema } } },
        '401': problem('No valid token.'),
      },
    },
  },
  '/health/live': {
    get: {
      operationId: 'getLiveness',
      tags: ['Operations'],
      summary: 'Whether the process answers',
      security: [],
      responses: text('application/json', 'It does.'),
    },
  },
  '/health/ready': {
    get: {
      operationId: 'getReadiness',
      tags: ['Operations'],
      summary: 'Whether requests can be served',
      security: [],
      responses: {
        ...text('application/json', 'They can.'),
        '503': { description: 'AWS does not answer, or the server is stopping.' },
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      tags: ['Operations'],
      summary: 'Metrics for Prometheus; from the same machine without a token',
      'x-scope': 'read',
      responses: { ...text('text/plain', 'The metrics.'), '401': problem('No valid token.') },
    },
  },
};

/** The REST API's document with what the server adds to it. */
export function serverDocument(): OpenApiDocument {
  const document = openApiDocument();
  const tags = [...(document['tags'] as object[]), { name: 'Events' }, { name: 'Operations' }];
  return { ...document, tags, paths: { ...document.paths, ...PATHS } };
}
