import * as v from 'valibot';
import type { Messaging } from '../../messaging';
import { Problem, PROBLEMS } from '../problem';
import type { ProblemCode } from '../problem';
import { listResources } from '../resources';
import { route } from '../route';
import { AuditReport, Index, ProblemType, RESOURCE_TYPES, ResourcePage } from '../schemas/account';
import { json, pageQuery, told, wholeParameter } from '../schemas/base';

const tag = 'Account';

/** AWS calls a second: the answer has to be there before a gateway gives up. */
const AUDIT_RATE = 100;

const LINKS = {
  queues: '/v1/queues',
  topics: '/v1/topics',
  subscriptions: '/v1/subscriptions',
  alarms: '/v1/alarms',
  resources: '/v1/resources',
  audit: '/v1/audit',
  functions: '/v1/functions',
  streams: '/v1/streams',
  emails: '/v1/emails',
};

/** A server that may ask for nothing else still tells what it has. */
async function identityOf(messaging: Messaging) {
  try {
    const { accountId, arn } = await messaging.identity();
    return { accountId, arn };
  } catch {
    return null;
  }
}

export const accountRoutes = [
  route({
    method: 'GET',
    path: '/v1',
    operationId: 'getIndex',
    tag,
    summary: 'Tells what there is',
    scope: 'read',
    success: {
      status: 200,
      description: 'Who the server is to AWS, and where everything is.',
      schema: Index,
    },
    run: async ({ messaging, allowWrites }) => ({
      name: 'aws-micro messaging',
      account: await identityOf(messaging),
      allowWrites,
      links: LINKS,
    }),
  }),
  route({
    method: 'GET',
    path: '/v1/resources',
    operationId: 'listResources',
    tag,
    summary: 'Lists queues, topics, subscriptions and alarms',
    description: 'One kind after the other. A page may have fewer items than asked for, and another follow.',
    scope: 'read',
    query: { type: told(v.optional(v.picklist(RESOURCE_TYPES)), 'The only kind to list.'), ...pageQuery },
    success: { status: 200, description: 'A page of resources.', schema: ResourcePage },
    run: ({ messaging, query }) => listResources(messaging, query),
  }),
  route({
    method: 'GET',
    path: '/v1/audit',
    operationId: 'audit',
    tag,
    summary: 'Looks for resources that are unused, unsafe or without a net',
    scope: 'read',
    query: {
      unusedDays: told(
        v.optional(wholeParameter(1, 63)),
        'Days without a message after which a queue counts as unused; 14 unless told.',
      ),
    },
    success: { status: 200, description: 'What was found, with reason and remedy.', schema: AuditReport },
    run: async ({ messaging, query, signal }) =>
      json(await messaging.audit({ ...query, requestsPerSecond: AUDIT_RATE, signal })),
  }),
];

export const problemRoutes = [
  route({
    method: 'GET',
    path: '/problems/{code}',
    operationId: 'getProblemType',
    tag: 'Problems',
    summary: 'Explains a type of problem',
    scope: null,
    params: { code: v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/, 'is not the code of a problem')) },
    success: { status: 200, description: 'What it means.', schema: ProblemType },
    run: ({ params: { code } }) => {
      if (!Object.hasOwn(PROBLEMS, code)) throw new Problem('not-found', `There is no problem ${code}.`);
      return Promise.resolve({ type: `/problems/${code}`, ...PROBLEMS[code as ProblemCode] });
    },
  }),
];
