import type { Endpoint } from './endpoint';
import type { Difference } from './difference';
import { differencesOf, errorOf } from './difference';
import type { Outcome, Step } from './step';
import { World } from './world';

/** Where an oracle is known to behave otherwise than AWS, and we as AWS documents it. */
export interface KnownDifference {
  /** What the oracle does. */
  readonly oracle: string;
  /** What AWS does, as far as it is not plain from that. */
  readonly document: string;
  readonly where: (difference: Difference) => boolean;
  /** From there on the two hold different things: the rest of the sequence compares nothing. @default that one refused */
  readonly ends?: boolean;
}

/** Runs sequences through our endpoint and an oracle's, and fails at the first difference that is not known. */
export class Comparison {
  /** How often each known difference was seen. */
  readonly seen = new Map<KnownDifference, number>();
  sequences = 0;
  /** Steps whose outcomes were compared. */
  compared = 0;
  /** Steps that came too late: after a known difference that ended the comparison. */
  passedOver = 0;

  constructor(
    private readonly ours: Endpoint,
    private readonly oracle: Endpoint,
    readonly known: readonly KnownDifference[],
  ) {
    for (const entry of known) this.seen.set(entry, 0);
  }

  /** @throws Error that shows the sequence up to the first unknown difference */
  async run(steps: readonly Step[]): Promise<void> {
    this.sequences += 1;
    const prefix = `d${this.sequences}-${process.pid}-`;
    const us = new World(this.ours, prefix);
    const them = new World(this.oracle, prefix);
    for (const [index, step] of steps.entries()) {
      const [ours, theirs] = await Promise.all([us.perform(step), them.perform(step)]);
      this.compared += 1;
      const differences = differencesOf(step, ours, theirs, steps.slice(0, index));
      const ends = differences.map((difference) => this.judge(difference, ours, theirs));
      if (ends.includes(true)) {
        this.passedOver += steps.length - index - 1;
        return;
      }
    }
  }

  /** Entries that no sequence needed. */
  unused(): KnownDifference[] {
    return this.known.filter((entry) => this.seen.get(entry) === 0);
  }

  summary(): string {
    const differences = [...this.seen.values()].reduce((sum, count) => sum + count, 0);
    return (
      `${this.sequences} sequences, ${this.compared} steps compared, ${this.passedOver} passed over, ` +
      `${differences} known differences of ${this.known.length} kinds`
    );
  }

  /** Whether the comparison ends here. */
  private judge(difference: Difference, ours: Outcome, theirs: Outcome): boolean {
    const entry = this.known.find((each) => each.where(difference));
    if (!entry) throw new Error(report(difference, ours, theirs));
    this.seen.set(entry, (this.seen.get(entry) ?? 0) + 1);
    const oneRefused = (errorOf(ours) === undefined) !== (errorOf(theirs) === undefined);
    return entry.ends ?? (oneRefused || /^(Failed|Messages)$/.test(difference.path));
  }
}

function report({ step, path, history }: Difference, ours: Outcome, theirs: Outcome): string {
  const show = (value: unknown): string => JSON.stringify(value);
  return [
    ...history.map((each) => `  ${each.operation} ${show(each.input)}`),
    `> ${step.operation} ${show(step.input)}`,
    `differs${path === '' ? '' : ` in ${path}`}`,
    `  ours   ${show(ours)}`,
    `  theirs ${show(theirs)}`,
  ].join('\n');
}
