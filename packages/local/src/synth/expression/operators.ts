import type { BinaryOperator } from './ast';
import type { Value } from './values';
import { equal, number, truth } from './values';

/** What an operator makes of its operands; `||` and `&&` look at the second only where it matters. */
export function binary(operator: BinaryOperator, left: () => Value, right: () => Value): Value {
  switch (operator) {
    case '||':
      return truth(left()) || truth(right());
    case '&&':
      return truth(left()) && truth(right());
    case '==':
      return equal(left(), right());
    case '!=':
      return !equal(left(), right());
    default:
      return arithmetic(operator, number(left()), number(right()));
  }
}

function arithmetic(
  operator: Exclude<BinaryOperator, '||' | '&&' | '==' | '!='>,
  first: number,
  second: number,
): Value {
  switch (operator) {
    case '<':
      return first < second;
    case '<=':
      return first <= second;
    case '>':
      return first > second;
    case '>=':
      return first >= second;
    case '+':
      return first + second;
    case '-':
      return first - second;
    case '*':
      return first * second;
    case '/':
      return first / second;
    case '%':
      return first % second;
  }
}
