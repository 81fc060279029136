import type { Finding, Severity } from './types';
import type { Need, Snapshot } from './snapshot';

/** What a rule finds; its name and severity are added. */
export type Found = Omit<Finding, 'rule' | 'severity'>;

/** A pure judgement of a snapshot. */
export interface Rule {
  readonly name: string;
  readonly severity: Severity;
  /** Without one of these the rule is not applied: what was not read is not absent. */
  readonly needs: readonly Need[];
  find(snapshot: Snapshot): Iterable<Found>;
}

type Resource = Finding['resource'];

export const queue = ({ name, arn }: { name: string; arn: string }): Resource => ({
  type: 'queue',
  name,
  arn,
});
export const topic = ({ name, arn }: { name: string; arn: string }): Resource => ({
  type: 'topic',
  name,
  arn,
});
export const alarm = ({ name, arn }: { name: string; arn: string }): Resource => ({
  type: 'alarm',
  name,
  arn,
});
