import { command, integer } from './command';
import type { Redrive } from './queues/move';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';
import { messages } from './words';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const MAX_RATE = 500;
const LOCAL_INTERVAL_MS = 200;
const AWS_INTERVAL_MS = 2000;

export const redrive = command({
  name: 'redrive',
  synopsis: '<queue>',
  summary: 'move the dead letters of a queue back to where they came from',
  details: `Name the queue or its dead-letter queue. It says how many messages go where, and asks; without a terminal --yes has to be
given. Ctrl-C cancels the move; what is moved by then stays moved.

${TARGET_DETAILS}`,
  options: {
    to: { type: 'string', value: '<queue>', help: 'move them to this queue instead' },
    rate: {
      type: 'string',
      value: '<n>',
      help: `messages a second, 1 to ${MAX_RATE} (default: as SQS likes)`,
    },
    yes: { type: 'boolean', short: 'y', help: 'do not ask' },
    ...targetOptions,
  },
  positionals: { min: 1, max: 1 },
  async run({ values, positionals: [name = ''], terminal }) {
    const rate = values.rate === undefined ? undefined : integer(values.rate, '--rate', 1, MAX_RATE);
    return onTarget(values, terminal, async (target) => {
      const { findQueue } = await import('./demo/resources');
      const { queueDepth } = await import('./queues/depths');
      const { findDeadLetters, move } = await import('./queues/move');
      const sqs = await target.sqs();
      const found = await findDeadLetters(sqs, await findQueue(target, name));
      const destination =
        values.to === undefined ? undefined : await queueDepth(sqs, await findQueue(target, values.to));
      const { source } = found;
      if (source.visible === 0) {
        await terminal.print(`nothing to move: no message is visible in ${source.name}`);
        return 0;
      }
      const plan: Redrive = { ...found, destinationArn: destination?.arn, rate };
      const where = destination?.name ?? `back to ${found.origins.join(', ')}`;
      const what = `${messages(source.visible)} of ${source.name} ${destination ? 'to ' : ''}${where}`;
      if (!values.yes && !(await terminal.confirm(`Move ${what} on ${target.description}?`))) return 1;
      const moved = await move(sqs, plan, {
        intervalMs: target.endpoint === undefined ? AWS_INTERVAL_MS : LOCAL_INTERVAL_MS,
        signal: terminal.signal,
        report: ({ moved: done, toMove }) => terminal.print(`moved ${done} of ${toMove}`),
      });
      await terminal.print(`moved ${messages(moved)} of ${source.name} ${destination ? 'to ' : ''}${where}`);
      return 0;
    });
  },
});
