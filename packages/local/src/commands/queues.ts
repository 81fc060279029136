import { command, integer } from './command';
import { pause } from './pause';
import type { QueueDepth } from './queues/depths';
import { table } from './table';
import { onTarget, TARGET_DETAILS, targetOptions } from './target';
import type { Terminal } from './terminal';

const HEAD = ['queue', 'visible', 'in flight', 'delayed', 'dead letters', 'dead-letter queue'];
/** Clears from here to the end of the screen, after going home. */
const HOME = '\u001b[H\u001b[J';

export const queues = command({
  name: 'queues',
  synopsis: '',
  summary: 'list the queues: what is visible, in flight, delayed, and among their dead letters',
  details: TARGET_DETAILS,
  options: {
    watch: { type: 'boolean', short: 'w', help: 'again and again, until Ctrl-C' },
    interval: { type: 'string', value: '<seconds>', help: 'between two lists of --watch (default: 2)' },
    json: { type: 'boolean', help: 'print one JSON object for each queue' },
    ...targetOptions,
  },
  positionals: { min: 0, max: 0 },
  async run({ values, terminal }) {
    const seconds = integer(values.interval ?? '2', '--interval', 1, 3600);
    await onTarget(values, terminal, async (target) => {
      const { queueDepths } = await import('./queues/depths');
      const sqs = await target.sqs();
      const list = async () => {
        const depths = await queueDepths(sqs);
        await terminal.write(values.json ? jsonOf(depths) : textOf(depths, target.description, terminal));
      };
      if (!values.watch) return list();
      const { signal } = terminal;
      while (!signal.aborted) {
        if (terminal.isScreen && !values.json) await terminal.write(HOME);
        await list();
        await pause(seconds * 1000, signal);
      }
    });
  },
});

function jsonOf(depths: readonly QueueDepth[]): string {
  const lines = depths.map(({ name, arn, url, visible, inFlight, delayed, deadLetterQueue }) =>
    JSON.stringify({
      name,
      arn,
      url,
      visible,
      inFlight,
      delayed,
      deadLetterQueue,
      deadLetters: deadLetters(deadLetterQueue, depths),
      sources: sourcesOf(name, depths),
    }),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function textOf(depths: readonly QueueDepth[], place: string, terminal: Terminal): string {
  if (depths.length === 0) return `no queues on ${place}\n`;
  const rows = depths.map(({ name, visible, inFlight, delayed, deadLetterQueue }) => {
    const sources = sourcesOf(name, depths);
    const role = deadLetterQueue ?? (sources.length > 0 ? `(of ${sources.join(', ')})` : '');
    return [name, visible, inFlight, delayed, deadLetters(deadLetterQueue, depths) ?? '', role];
  });
  return table(HEAD, rows, terminal)
    .map((line) => `${line}\n`)
    .join('');
}

/** Undefined where there is no dead-letter queue, or it is not in the list. */
function deadLetters(name: string | undefined, depths: readonly QueueDepth[]): number | undefined {
  const queue = depths.find((each) => each.name === name);
  return queue && queue.visible + queue.inFlight + queue.delayed;
}

function sourcesOf(name: string, depths: readonly QueueDepth[]): string[] {
  return depths.filter(({ deadLetterQueue }) => deadLetterQueue === name).map((depth) => depth.name);
}
