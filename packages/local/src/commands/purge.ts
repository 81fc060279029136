import { command } from './command';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';
import { messages } from './words';

export const purge = command({
  name: 'purge',
  synopsis: '<queue>',
  summary: 'delete all messages of a queue',
  details: `It says how many there are and asks; without a terminal --yes has to be given. SQS does it once a minute at most.

${TARGET_DETAILS}`,
  options: { yes: { type: 'boolean', short: 'y', help: 'do not ask' }, ...targetOptions },
  positionals: { min: 1, max: 1 },
  async run({ values, positionals: [name = ''], terminal }) {
    return onTarget(values, terminal, async (target) => {
      const { findQueue } = await import('./demo/resources');
      const { queueDepth, total } = await import('./queues/depths');
      const { PurgeQueueCommand } = await import('@aws-sdk/client-sqs');
      const sqs = await target.sqs();
      const queue = await queueDepth(sqs, await findQueue(target, name));
      const what = `${messages(total(queue))} of ${queue.name} on ${target.description}`;
      if (!values.yes && !(await terminal.confirm(`Delete ${what}?`))) return 1;
      await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
      await terminal.print(`deleted ${what}`);
      return 0;
    });
  },
});
