import type { KnownDifference } from '../support/comparison';
import { isOfOtherType, operatorOf } from '../support/filter-pairs';
import { meets } from '../support/where';
import { SNS_GUIDE } from './documents';

/** What fauxqs 1.9.2 does with filter policies otherwise than AWS. */
export const fauxqsFilters: readonly KnownDifference[] = [
  {
    oracle: 'knows no wildcard, cidr, equals-ignore-case',
    document: `${SNS_GUIDE}/string-value-matching.html`,
    where: meets(({ condition }) => /wildcard|cidr|equals-ignore-case/.test(operatorOf(condition))),
    ends: false,
  },
  {
    oracle: 'does not look into lists: String.Array attributes, lists of values and of objects in a body',
    document: `${SNS_GUIDE}/attribute-key-matching.html`,
    where: meets(({ inList }) => inList),
    ends: false,
  },
  {
    oracle: 'holds texts against numbers and numbers against texts',
    document: `${SNS_GUIDE}/numeric-value-matching.html`,
    where: meets(isOfOtherType),
    ends: false,
  },
  {
    oracle: 'sees nothing where a body has null, and texts where it has true or false',
    document: `${SNS_GUIDE}/sns-message-filtering-scope.html`,
    where: meets(({ value }) => value === null || typeof value === 'boolean'),
    ends: false,
  },
  {
    oracle: 'looks at Binary attributes',
    document: `${SNS_GUIDE}/subscription-filter-policy-constraints.html`,
    where: meets(({ value }) => value instanceof Uint8Array),
    ends: false,
  },
];
