import { command, UsageError } from './command';
import { fifoOption, isFifo, queueNames, queuesOption, topicName, topicOption } from './demo/names';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';

export const setup = command({
  name: 'setup',
  synopsis: '',
  summary: 'make a topic and two queues that are subscribed to it',
  details: `Queues and topic are encrypted and refuse calls without TLS; the queues take messages from this topic only.
Called again it changes nothing. What it made carries the tag aws-micro:setup; aws-micro cleanup removes it.

${TARGET_DETAILS}`,
  options: {
    ...topicOption,
    ...queuesOption,
    ...fifoOption,
    json: { type: 'boolean', help: 'print one JSON object' },
    ...targetOptions,
  },
  positionals: { min: 0, max: 0 },
  async run({ values, terminal }) {
    const topic = topicName(values.topic, values.fifo);
    const queues = queueNames(values.queues, values.fifo || (values.queues === undefined && isFifo(topic)));
    const odd = queues.find((name) => isFifo(name) !== isFifo(topic));
    if (odd !== undefined) {
      throw new UsageError(`${topic} and ${odd}: either all are FIFO (.fifo) or none is`);
    }
    await onTarget(values, terminal, async (target) => {
      const { buildDemo } = await import('./demo/build');
      const demo = await buildDemo(target, topic, queues, {
        signal: terminal.signal,
        note: (text) => terminal.note(`aws-micro: ${text}`),
      });
      if (values.json) return terminal.print(JSON.stringify(demo));
      await terminal.print(
        `topic         ${demo.topicArn}`,
        ...demo.queues.flatMap(({ url, arn, subscriptionArn }) => [
          `queue         ${arn}`,
          `  url         ${url}`,
          `  subscribed  ${subscriptionArn}`,
        ]),
      );
    });
  },
});
