import * as v from 'valibot';
import { PROBLEMS } from '../problem';
import type { ProblemCode } from '../problem';
import { closed, component, told } from './base';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];
const STATUSES = [...new Set(CODES.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b);

const Pointer = closed({
  pointer: told(v.string(), 'Where in the body, a JSON Pointer (RFC 6901).', '/attributes/total'),
  detail: v.string(),
});
const Parameter = closed({
  parameter: told(v.string(), 'Of the path or the query.', 'limit'),
  detail: v.string(),
});
const Header = closed({ header: told(v.string(), 'Of the request.', 'Idempotency-Key'), detail: v.string() });

/** https://www.rfc-editor.org/rfc/rfc9457 */
export const ProblemSchema = component(
  'Problem',
  closed({
    type: told(
      v.picklist(CODES.map((code) => `/problems/${code}` as const)),
      'What went wrong; the path tells it at length.',
    ),
    title: v.string(),
    status: v.picklist(STATUSES),
    detail: told(v.string(), 'What went wrong this time.'),
    errors: v.optional(v.array(v.union([Pointer, Parameter, Header]))),
  }),
);
