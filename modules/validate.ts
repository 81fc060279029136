import { Token } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Rules that are checked while the program runs, long before Terraform or AWS would refuse the value. Values that
 * Terraform knows only later (tokens) pass: AWS judges those.
 */

/** @throws Error `<construct path>: <property> is <value>: <rule>` unless `holds` */
export function requireThat(
  construct: Construct,
  holds: boolean,
  property: string,
  value: unknown,
  rule: string,
): void {
  if (holds || Token.isUnresolved(value)) return;
  throw new Error(`${construct.node.path}: ${property} is ${JSON.stringify(value)}: ${rule}`);
}

/** Whether a rule that compares values can be judged now: Terraform learns none of them later. */
export function areKnown(...values: readonly unknown[]): boolean {
  return !values.some((value) => Token.isUnresolved(value));
}

/** @throws Error unless the value is absent or a whole number from `min` to `max` */
export function requireInteger(
  construct: Construct,
  property: string,
  value: number | undefined,
  { min, max }: { readonly min: number; readonly max: number },
  source: string,
): void {
  if (value === undefined) return;
  const holds = Number.isInteger(value) && value >= min && value <= max;
  requireThat(
    construct,
    holds,
    property,
    value,
    `a whole number from ${min} to ${max} is needed (${source})`,
  );
}

/** @throws Error unless the value is absent or matches the pattern */
export function requireMatch(
  construct: Construct,
  property: string,
  value: string | undefined,
  pattern: RegExp,
  rule: string,
): void {
  if (value === undefined) return;
  requireThat(construct, pattern.test(value), property, value, rule);
}

const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** CloudWatch takes these retention times only. */
export function requireLogRetention(construct: Construct, days: number): void {
  const rule = `CloudWatch Logs keeps logs for ${LOG_RETENTION_DAYS.join(', ')} days`;
  requireThat(construct, LOG_RETENTION_DAYS.includes(days), 'logRetentionDays', days, rule);
}
