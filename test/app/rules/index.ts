import { bucketRules } from './buckets';
import { computeRules } from './compute';
import { dataRules } from './data';
import { databaseRules } from './database';
import { eventRules } from './events';
import { identityRules } from './identity';
import { messagingRules } from './messaging';
import { networkRules } from './network';
import { operationsRules } from './operations';
import type { Rule } from './rule';
import { siteRules } from './sites';

export type { Rule } from './rule';

/**
 * The rules of Checkov, Trivy and Security Hub that apply to the resource types here, and some that no scanner has. They are
 * judged on the synthesized stages, so a rule is broken where the change is made and not in a later scan.
 */
export const rules: readonly Rule[] = [
  ...networkRules,
  ...databaseRules,
  ...dataRules,
  ...bucketRules,
  ...eventRules,
  ...messagingRules,
  ...computeRules,
  ...identityRules,
  ...operationsRules,
  ...siteRules,
];
