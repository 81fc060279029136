import { anythingBut, eventBridgeAnythingBut } from './anything-but-operator';
import { cidr } from './cidr-operator';
import { numeric } from './numeric-operator';
import type { Test } from './scalar';
import {
  equalsIgnoreCase,
  prefix,
  prefixOrIgnoringCase,
  suffix,
  suffixOrIgnoringCase,
  wildcard,
} from './text-operators';

/** What a service's patterns may say. */
export interface Dialect {
  /** `{"prefix": "a"}`: by the name of the comparison, what its operand means. @throws PatternError */
  readonly operators: Readonly<Record<string, (operand: unknown) => Test>>;
  /** Whether a pattern may be empty and match everything. */
  readonly mayBeEmpty: boolean;
}

const common = { wildcard, 'equals-ignore-case': equalsIgnoreCase, cidr };

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
export const SNS_DIALECT: Dialect = {
  operators: {
    ...common,
    prefix,
    suffix,
    numeric: numeric({ largest: 1_000_000_000, digits: 5 }),
    'anything-but': anythingBut,
  },
  mayBeEmpty: true,
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
export const EVENT_BRIDGE_DIALECT: Dialect = {
  operators: {
    ...common,
    prefix: prefixOrIgnoringCase,
    suffix: suffixOrIgnoringCase,
    numeric: numeric({ largest: 5_000_000_000, digits: 6 }),
    'anything-but': eventBridgeAnythingBut,
  },
  mayBeEmpty: false,
};
