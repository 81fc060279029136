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
  /** Of the service's own key aws:SourceOwner. @default it has none */
  readonly sourceOwner?: string;
}

/** Whether the resource's policy lets the service in. */
export function policyAllows(policy: readonly Statement[], call: ServiceCall): boolean {
  const { action, resource, service } = call;
  const context = new Map<string, string>([
    ['aws:sourcearn', call.sourceArn],
    ['aws:sourceaccount', call.sourceAccount],
    ['aws:securetransport', 'true'],
    ['aws:principalisawsservice', 'true'],
    ['aws:principalservicename', service],
  ]);
  if (call.sourceOwner !== undefined) context.set('aws:sourceowner', call.sourceOwner);
  const principal = { kind: 'Service', ids: [service] };
  return decide(policy, { action, resource, context, principal }) === 'allow';
}
