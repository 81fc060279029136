import { mayInvoke, missingActions, nameOfFunction, rolePolicies } from '../iam';
import type { Fields, Resolver, Resource } from '../synth';
import type { AccessLogConfig, Throttle } from './config';

/** The function in its ARN, or in `arn:aws:apigateway:<region>:lambda:path/2015-03-31/functions/<ARN>/invocations`. */
export function functionOf(uri: string): string {
  return /functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

/** Undefined where the settings do not limit anything. */
export function throttleOf(settings: Fields | undefined, names: readonly [rate: string, burst: string]) {
  const ratePerSecond = settings?.optionalNumber(names[0]);
  const burst = settings?.optionalNumber(names[1]);
  // -1 is how Terraform writes that a stage keeps the account's limit.
  const unset = (value: number | undefined) => value === undefined || value < 0;
  return unset(ratePerSecond) && unset(burst)
    ? undefined
    : ({ ratePerSecond: ratePerSecond ?? 0, burst: burst ?? 0 } satisfies Throttle);
}

/** Undefined where the stage writes none, or not to CloudWatch Logs. */
export function accessLogOf(stage: Resource): AccessLogConfig | undefined {
  const settings = stage.block('access_log_settings');
  const group = /:log-group:([^:]+)/.exec(settings?.optionalText('destination_arn') ?? '')?.[1];
  return group === undefined ? undefined : { group, format: settings!.text('format') };
}

/** Who API Gateway is when it calls a function. */
export interface Calling {
  readonly functionArn: string;
  /** The role that it takes instead of being let in by the function's permissions. */
  readonly roleArn: string | undefined;
  /** ARNs of what is called for, each with a word: the stages of a route. */
  readonly sources: readonly { readonly arn: string; readonly what: string }[];
  /** `this route` */
  readonly target: string;
}

/** Why API Gateway may not call a function; undefined where it may. */
export function permissionProblem(
  { functionArn, roleArn, sources, target }: Calling,
  resolver: Resolver,
): string | undefined {
  const name = nameOfFunction(functionArn);
  if (roleArn !== undefined) {
    const role = resolver.find('aws_iam_role', roleArn, 'arn');
    const missing = missingActions(role && rolePolicies(role, resolver), functionArn, [
      'lambda:InvokeFunction',
    ]);
    return missing.length === 0 ? undefined : `the role ${roleArn} does not allow to invoke ${name}`;
  }
  const unserved = sources.find(({ arn }) => !mayInvoke(resolver, 'apigateway.amazonaws.com', name, arn));
  return unserved === undefined
    ? undefined
    : `no aws_lambda_permission lets API Gateway invoke ${name} for ${target}${unserved.what}`;
}

/** API Gateway calls a function only where a permission of the function names it, and this route. */
export function routeProblem(
  route: { readonly routeKey: string; readonly functionArn: string; readonly roleArn: string | undefined },
  api: Resource,
  stages: readonly { readonly name: string }[],
  resolver: Resolver,
): string | undefined {
  const { routeKey, functionArn, roleArn } = route;
  const [method, path] =
    routeKey === '$default' ? ['', '$default'] : (routeKey.split(' ') as [string, string]);
  const sources = stages.map(({ name }) => ({
    arn: `${api.id('execution_arn')}/${name}/${method}${path}`,
    what: ` (stage ${name})`,
  }));
  return permissionProblem({ functionArn, roleArn, sources, target: 'this route' }, resolver);
}

/** The same for an authorizer's function, which is called for no route. */
export function authorizerProblem(
  authorizer: {
    readonly id: string;
    readonly name: string;
    readonly functionArn: string;
    readonly roleArn: string | undefined;
  },
  api: Resource,
  resolver: Resolver,
): string | undefined {
  const { id, name, functionArn, roleArn } = authorizer;
  const sources = [{ arn: `${api.id('execution_arn')}/authorizers/${id}`, what: '' }];
  return permissionProblem({ functionArn, roleArn, sources, target: `the authorizer ${name}` }, resolver);
}
