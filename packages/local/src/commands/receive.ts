import { command, integer } from './command';
import { fifoOption, queueNames } from './demo/names';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';

/** SQS's longest, in seconds. */
const MAX_WAIT = 20;
/** A long poll all the same: a short one asks some of SQS's servers only, and may find nothing where something is. */
const ONCE_WAIT = 1;

export const receive = command({
  name: 'receive',
  synopsis: '',
  summary: 'print what arrives in the queues, and delete it',
  details: `It polls until Ctrl-C. A message is deleted after it was printed: what is interrupted comes again.

${TARGET_DETAILS}`,
  options: {
    queue: {
      type: 'string',
      multiple: true,
      value: '<name>',
      help: 'a queue (default: those of aws-micro setup). May be given several times',
    },
    ...fifoOption,
    interval: {
      type: 'string',
      value: '<seconds>',
      help: `how long a poll waits for a message, 1 to ${MAX_WAIT} (default: ${MAX_WAIT}; with --once ${ONCE_WAIT})`,
    },
    once: { type: 'boolean', help: 'end as soon as the queues are empty' },
    max: { type: 'string', value: '<n>', help: 'end after so many messages' },
    json: { type: 'boolean', help: 'print one JSON object a line' },
    ...targetOptions,
  },
  positionals: { min: 0, max: 0 },
  async run({ values, terminal }) {
    const interval = values.interval ?? String(values.once ? ONCE_WAIT : MAX_WAIT);
    const waitSeconds = integer(interval, '--interval', 1, MAX_WAIT);
    const max = values.max === undefined ? Infinity : integer(values.max, '--max', 1, 1e9);
    const { signal } = terminal;
    const names = values.queue.length > 0 ? values.queue : queueNames(undefined, values.fifo);
    await onTarget(values, terminal, async (target) => {
      const { findQueue, nameOf } = await import('./demo/resources');
      const { Consumer, distinct } = await import('./demo/consume');
      const { messageJson, messageLines } = await import('./demo/message-text');
      const urls = await Promise.all(names.map((name) => findQueue(target, name)));
      const queues = distinct(urls.map((url) => ({ url, name: nameOf(url) })));
      const consumer = new Consumer({
        sqs: await target.sqs(),
        queues,
        waitSeconds,
        once: values.once,
        max,
        signal,
        warn: (text) => terminal.note(`aws-micro: ${text}`),
        handle: ({ name }, messages) =>
          terminal.print(
            ...messages.flatMap((message) =>
              values.json ? [messageJson(name, message)] : messageLines(name, message, terminal),
            ),
          ),
      });
      await consumer.run();
    });
  },
});
