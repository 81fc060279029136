import type { MessageView, Page } from '../admin/model';
import { AdminClient } from './admin-client';
import { command, integer } from './command';
import { missingQueue, nameOf } from './demo/resources';
import { dataOption } from './shared-options';
import { table } from './table';
import { onTarget } from './target';
import type { Terminal } from './terminal';

const HEAD = ['message id', 'state', 'receives', 'sent', 'body'];
/** Characters of a body in the table. */
const SHOWN = 60;
const MAX_LIMIT = 100_000;
const PAGE = 1000;

export const peek = command({
  name: 'peek',
  synopsis: '<queue>',
  summary: 'look at the messages of a queue without receiving them',
  details: `Nothing changes: no receive count, no visibility timeout. It shows what is in flight and delayed as well, oldest first.
It works on a local runtime; SQS itself has no way to look at messages but to receive them.`,
  options: {
    limit: { type: 'string', value: '<n>', help: 'messages at most (default: 10)' },
    json: { type: 'boolean', help: 'print one JSON object for each message' },
    body: { type: 'boolean', help: 'print the whole bodies, and nothing else' },
    'endpoint-url': { type: 'string', value: '<url>', help: 'of the runtime (or AWS_ENDPOINT_URL)' },
    ...dataOption,
  },
  positionals: { min: 1, max: 1 },
  async run({ values, positionals: [queue = ''], terminal }) {
    const limit = integer(values.limit ?? '10', '--limit', 1, MAX_LIMIT);
    const place = { ...values, profile: undefined, region: undefined };
    await onTarget(place, terminal, async (target) => {
      const messages = await read(AdminClient.on(target), nameOf(queue), limit);
      if (messages === undefined) throw await missingQueue(target, queue);
      if (values.body) await terminal.print(...messages.map(({ body }) => terminal.clean(body)));
      else if (values.json) await terminal.print(...messages.map((message) => JSON.stringify(message)));
      else if (messages.length === 0) await terminal.print(`no messages in ${queue}`);
      else await terminal.print(...textOf(messages, terminal));
    });
  },
});

/** Undefined where there is no such queue. */
async function read(admin: AdminClient, queue: string, limit: number): Promise<MessageView[] | undefined> {
  const messages: MessageView[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - messages.length)) });
    if (cursor !== undefined) query.set('cursor', cursor);
    const path = `queues/${encodeURIComponent(queue)}/messages?${query.toString()}`;
    const page = await admin.get<Page<MessageView>>(path);
    if (page === undefined) return undefined;
    messages.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && messages.length < limit);
  return messages;
}

function textOf(messages: readonly MessageView[], terminal: Terminal): string[] {
  const rows = messages.map(({ messageId, state, receiveCount, sentAt, body }) => {
    const line = terminal.clean(body).replace(/\s+/g, ' ');
    const shown = line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line;
    return [messageId, state, receiveCount, sentAt.slice(0, 19).replace('T', ' '), shown];
  });
  return table(HEAD, rows, terminal);
}
