import type { IValidation } from 'constructs';
import type { LambdaFunction } from './function';

/** Where the name in an endpoint (`com.amazonaws.<region>.<name>`) is not the one in IAM actions or SDK packages. */
const ENDPOINT_NAMES: Readonly<Record<string, string>> = {
  cloudwatch: 'monitoring',
  'cloudwatch-logs': 'logs',
  // The gateway endpoint is for tables; their streams have an endpoint of their own.
  'dynamodb-streams': 'dynamodb-streams',
  eventbridge: 'events',
  kinesis: 'kinesis-streams',
  sfn: 'states',
  ses: 'email',
  sesv2: 'email',
};

/** The service of an IAM action: `sns:Publish` -> `sns`. */
export function serviceOfAction(action: string): string {
  const [prefix = ''] = action.split(':');
  return ENDPOINT_NAMES[prefix] ?? prefix;
}

/** The service of an SDK client package: `@aws-sdk/client-secrets-manager` -> `secretsmanager`. */
export function serviceOfPackage(name: string): string | undefined {
  const [, client] = /^@aws-sdk\/client-(.+)$/.exec(name) ?? [];
  return client && (ENDPOINT_NAMES[client] ?? client.replaceAll('-', ''));
}

/**
 * Fails the synth when a function in a VPC has a client in its bundle, or a right in its role, for an AWS service that
 * its subnets have no way to. On AWS such a call hangs until the function times out, and nothing says why.
 *
 * Lambda's own calls in the function's name (polling a queue, writing logs and traces, fetching the function's credentials) go
 * another way and need none.
 */
export class ReachCheck implements IValidation {
  constructor(private readonly fn: LambdaFunction) {}

  validate(): string[] {
    const { network } = this.fn.props;
    if (!network) return [];
    return [...this.reasons()]
      .filter(([service]) => !network.pathTo(service))
      .map(
        ([service, reason]) =>
          `function ${this.fn.name} cannot reach ${service}: ${reason}, but its VPC has no way there. ` +
          `Add '${service}' to the network's interfaceEndpoints, give the network a NAT gateway, ` +
          'or take the function out of the VPC.',
      );
  }

  /** Services that the function may call, each with what says so. */
  private reasons(): Map<string, string> {
    const reasons = new Map<string, string>();
    for (const action of this.fn.calledActions) {
      reasons.set(serviceOfAction(action), `its role allows ${action}`);
    }
    for (const name of this.fn.bundle.packages) {
      const service = serviceOfPackage(name);
      if (service) reasons.set(service, `${name} is in its bundle`);
    }
    return reasons;
  }
}
