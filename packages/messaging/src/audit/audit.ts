import type { Aws } from '../clients';
import type { FieldError } from '../errors';
import { refuse } from '../errors';
import { isWhole } from '../options';
import type { Rule } from './rule';
import { RULES } from './rules';
import type { Need } from './snapshot';
import { takeSnapshot } from './snapshot';
import type { AuditOptions, AuditReport, Finding, Severity } from './types';

const DEFAULT_UNUSED_DAYS = 14;
const MOST_UNUSED_DAYS = 63;
const DEFAULT_REQUESTS_PER_SECOND = 20;
const MOST_REQUESTS_PER_SECOND = 1_000;
const ORDER: readonly Severity[] = ['high', 'medium', 'low'];

/**
 * Looks for what is unused, unsafe or unwatched. Everything is described once, then judged by each rule; a rule whose facts
 * cannot be read is left out, and the report's notes say so.
 *
 * @throws MessagingError 'invalid' when an option is, and the signal's reason
 */
export async function audit(aws: Aws, options: AuditOptions = {}): Promise<AuditReport> {
  checkOptions(options);
  const {
    unusedDays = DEFAULT_UNUSED_DAYS,
    requestsPerSecond = DEFAULT_REQUESTS_PER_SECOND,
    signal,
  } = options;
  aws.checkOpen();
  const wanted = RULES.filter(({ name }) => options.rules?.includes(name) ?? true);
  const needs = new Set<Need>(wanted.flatMap((rule) => rule.needs));
  const { snapshot, missing, notes } = await takeSnapshot(aws, {
    needs,
    unusedDays,
    requestsPerSecond,
    signal,
  });
  const { queues, topics, subscriptions, alarms, now } = snapshot;
  const able = wanted.filter((rule) => !rule.needs.some((need) => missing.has(need)));
  const findings = able.flatMap((rule) =>
    [...rule.find(snapshot)].map((found) => ({ ...named(rule), ...found })),
  );
  return {
    checkedAt: new Date(now).toISOString(),
    checked: {
      queues: queues.size,
      topics: topics.size,
      subscriptions: subscriptions.length,
      alarms: alarms.length,
    },
    findings: findings.sort(bySeverity),
    notes: [...notes, ...skipped(wanted, missing)],
  };
}

function named({ name, severity }: Rule): Pick<Finding, 'rule' | 'severity'> {
  return { rule: name, severity };
}

function bySeverity(one: Finding, other: Finding): number {
  return ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity);
}

function skipped(rules: readonly Rule[], missing: ReadonlyMap<Need, string>): string[] {
  return rules.flatMap(({ name, needs }) => {
    const need = needs.find((one) => missing.has(one));
    return need === undefined ? [] : [`${name} was not applied: ${missing.get(need)}`];
  });
}

function checkOptions({ rules = [], unusedDays, requestsPerSecond }: AuditOptions): void {
  const errors: FieldError[] = [];
  const unknown = rules.filter((rule) => !RULES.some(({ name }) => name === rule));
  const names = unknown.map((name) => `"${name}"`).join(', ');
  if (unknown.length > 0) errors.push({ field: 'rules', detail: `${names}: there is no such rule` });
  const check = (field: string, value: number | undefined, most: number) => {
    if (value !== undefined && !isWhole(value, 1, most)) {
      errors.push({ field, detail: `must be a whole number from 1 to ${most}` });
    }
  };
  check('unusedDays', unusedDays, MOST_UNUSED_DAYS);
  check('requestsPerSecond', requestsPerSecond, MOST_REQUESTS_PER_SECOND);
  refuse(errors);
}
