import type { KnownDifference } from '../support/comparison';
import { isOfOtherType, operatorOf } from '../support/filter-pairs';
import { all, at, input, meets, on, refuses } from '../support/where';
import { SNS, SNS_GUIDE } from './documents';

/** What moto 5.2.1 does with filter policies otherwise than AWS. */
export const motoFilters: readonly KnownDifference[] = [
  {
    oracle: 'refuses operators that it does not know',
    document: `${SNS_GUIDE}/string-value-matching.html`,
    where: all(
      on('Subscribe'),
      refuses('InvalidParameterException'),
      input(({ Attributes }) =>
        /wildcard|cidr|suffix|ignore-case|anything-but/.test(JSON.stringify(Attributes)),
      ),
    ),
  },
  {
    oracle: 'loses publications of a batch on which its filters fail: one number, other types than expected',
    document: `${SNS}/API_PublishBatch.html`,
    where: all(on('PublishBatch'), at(/^Successful\.m\d(\.MessageId)?$/)),
    ends: true,
  },
  {
    oracle: 'cannot hand out Binary attributes of raw messages',
    document: `${SNS_GUIDE}/sns-large-payload-raw-message-delivery.html`,
    where: all(on('ReceiveMessage'), refuses('SyntaxError'), ({ history }) =>
      JSON.stringify(history).includes('"Binary'),
    ),
  },
  {
    oracle: 'holds texts against numbers and numbers against texts, and looks at Binary attributes',
    document: `${SNS_GUIDE}/numeric-value-matching.html`,
    where: meets((pair) => isOfOtherType(pair) || pair.value instanceof Uint8Array),
    ends: false,
  },
  {
    oracle: 'does not look into lists but for equal values',
    document: `${SNS_GUIDE}/attribute-key-matching.html`,
    where: meets(({ inList }) => inList),
    ends: false,
  },
  {
    oracle:
      'gives up at the first condition on a key that is not there, though a later one may want just that',
    document: `${SNS_GUIDE}/attribute-key-matching.html`,
    where: meets(({ value, conditions }) => value === undefined && conditions.length > 1),
    ends: false,
  },
  {
    oracle: 'lets nothing through by anything-but with suffix or wildcard',
    document: `${SNS_GUIDE}/string-value-matching.html`,
    where: meets(({ condition }) => /^anything-but (suffix|wildcard)$/.test(operatorOf(condition))),
    ends: false,
  },
  {
    oracle: 'makes the text lower-case for equals-ignore-case, and not what it is compared with',
    document: `${SNS_GUIDE}/string-value-matching.html`,
    where: meets(({ condition }) => operatorOf(condition) === 'equals-ignore-case'),
    ends: false,
  },
];
