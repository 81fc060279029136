import { decide } from '../iam/evaluate';
import type { Statement } from '../iam/policy';

/** A call by an AWS service, e.g. SNS delivering to a queue. */
export interface ServiceCall {
  /** `sns.amazonaws.com` */
  readonly service: string;
  /** `sqs:SendMessage` */
  readonly action: string;
  readonly resource: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** Whether the resource's policy lets the service in. */
export function policyAllows(policy: readonly Statement[], call: ServiceCall): boolean {
  const { action, resource, service } = call;
  const context = new Map([
    ['aws:sourcearn', call.sourceArn],
    ['aws:sourceaccount', call.sourceAccount],
    ['aws:securetransport', 'true'],
    ['aws:principalisawsservice', 'true'],
    ['aws:principalservicename', service],
  ]);
  const principal = { kind: 'Service', ids: [service] };
  return decide(policy, { action, resource, context, principal }) === 'allow';
}
