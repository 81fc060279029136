import { command } from './command';
import { fifoOption, queueNames, queuesOption, topicName, topicOption } from './demo/names';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';

export const cleanup = command({
  name: 'cleanup',
  synopsis: '',
  summary: 'remove everything that setup made',
  details: `It removes what carries the tag aws-micro:setup, with the messages in it, and asks nothing. What Terraform owns, what
the running stack declares and what setup did not make is refused, and stays. With --topic it looks at this topic and the
queues that were made for it, with --queues at these queues only.

${TARGET_DETAILS}
Exit codes: 0 nothing is left, or nothing was there; 1 something was refused.`,
  options: {
    ...topicOption,
    ...queuesOption,
    ...fifoOption,
    'dry-run': { type: 'boolean', help: 'only say what would be removed' },
    ...targetOptions,
  },
  positionals: { min: 0, max: 0 },
  async run({ values, terminal }) {
    const everything = values.topic === undefined && values.queues === undefined;
    const topic = everything || values.topic !== undefined ? topicName(values.topic, values.fifo) : undefined;
    const queues = everything || values.queues !== undefined ? queueNames(values.queues, values.fifo) : [];
    return onTarget(values, terminal, async (target) => {
      const { findDemo, removeDemo } = await import('./demo/remove');
      const madeFor = (owner: string) => everything || (values.queues === undefined && owner === topic);
      const found = await findDemo(target, { topic, queues, madeFor });
      const removable = found.filter(({ refusal }) => refusal === undefined);
      for (const each of removable) {
        if (!values['dry-run']) await removeDemo(target, each);
        await terminal.print(`${values['dry-run'] ? 'would remove' : 'removed'} ${each.kind} ${each.name}`);
      }
      const refused = found.filter(({ refusal }) => refusal !== undefined);
      for (const { kind, name, refusal } of refused)
        terminal.note(`aws-micro: the ${kind} ${name} stays: ${refusal}`);
      if (found.length === 0) await terminal.print(`nothing to remove on ${target.description}`);
      return refused.length > 0 ? 1 : 0;
    });
  },
});
