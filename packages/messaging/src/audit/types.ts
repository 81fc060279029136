import type { ResourceType } from '../events';

export type Severity = 'high' | 'medium' | 'low';

export interface AuditOptions {
  /** Names of the rules to apply. @default all of them */
  readonly rules?: readonly string[];
  /** A queue that nothing was sent to or received from for so many days is unused, 1 to 63. @default 14 */
  readonly unusedDays?: number;
  /** AWS calls a second. @default 20 */
  readonly requestsPerSecond?: number;
  readonly signal?: AbortSignal;
}

export interface Finding {
  /** Name of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  readonly resource: { readonly type: ResourceType; readonly name: string; readonly arn: string };
  readonly reason: string;
  /** What to do: a command or the name of a property. */
  readonly remedy: string;
}

export interface AuditReport {
  /** RFC 3339. */
  readonly checkedAt: string;
  /** How many resources of each kind were looked at. */
  readonly checked: {
    readonly queues: number;
    readonly topics: number;
    readonly subscriptions: number;
    readonly alarms: number;
  };
  /** The most severe first. */
  readonly findings: readonly Finding[];
  /** What could not be judged, and why. */
  readonly notes: readonly string[];
}
