import * as v from 'valibot';
import { closed, component, Count, Moment, page, told } from './base';

export const RESOURCE_TYPES = ['queue', 'topic', 'subscription', 'alarm'] as const;

const ResourceType = v.picklist(RESOURCE_TYPES);

const Resource = component(
  'Resource',
  closed({
    type: ResourceType,
    name: told(v.string(), 'For a subscription its id.'),
    arn: v.string(),
  }),
);

export const ResourcePage = component('ResourcePage', page(Resource));

export const AuditReport = component(
  'AuditReport',
  closed({
    checkedAt: Moment,
    checked: closed({ queues: Count, topics: Count, subscriptions: Count, alarms: Count }),
    findings: told(
      v.array(
        closed({
          rule: v.string(),
          severity: v.picklist(['high', 'medium', 'low']),
          resource: Resource,
          reason: v.string(),
          remedy: v.string(),
        }),
      ),
      'The most severe first.',
    ),
    notes: told(v.array(v.string()), 'What could not be judged, and why.'),
  }),
);

export const Index = component(
  'Index',
  closed({
    name: v.string(),
    account: told(
      v.nullable(closed({ accountId: v.string(), arn: v.string() })),
      'Who the server is to AWS; null where AWS does not say.',
    ),
    allowWrites: told(v.boolean(), 'Whether anything but reads is answered.'),
    links: v.record(v.string(), v.string()),
  }),
);

export const ProblemType = component(
  'ProblemType',
  closed({
    type: v.string(),
    title: v.string(),
    status: v.number(),
    explanation: v.string(),
  }),
);
