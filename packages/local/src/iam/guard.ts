import type { AwsCall, Guard, Principal, Verdict } from '../contracts';
import type { Context } from './conditions';
import { conditionKeys } from './conditions';
import { decide } from './evaluate';
import type { Decision } from './evaluate';
import type { NetworkReach } from './network/reach';
import type { Statement } from './policy';
import type { RolePolicies } from './roles';

/** Calls that every identity may make, whatever its policies say. */
const ALWAYS_ALLOWED = new Set(['sts:GetCallerIdentity', 'sts:GetSessionToken']);
const MEMORY = 10_000;

/** What the guard knows of a function. */
export interface GuardedFunction {
  readonly name: string;
  readonly accessKeyId: string;
  /** Undefined where its role is not part of the stack: such a function may do anything. */
  readonly role: RolePolicies | undefined;
  readonly reach: NetworkReach;
}

export interface GuardOptions {
  readonly accountId: string;
  readonly region: string;
  readonly functions: readonly GuardedFunction[];
  /** Statements of a resource's own policy, by its ARN. */
  readonly resourcePolicy: (arn: string) => readonly Statement[];
}

/**
 * Judges calls to the AWS endpoint by the stack: first whether the network lets the function reach the service, then
 * whether the policies of its role, its permissions boundary, the VPC endpoint and the resource allow the action.
 */
export class StackGuard implements Guard {
  private readonly byKey: ReadonlyMap<string, GuardedFunction>;
  private readonly verdicts = new Map<string, Verdict>();
  private readonly namedKeys = new Map<string, ReadonlySet<string>>();

  constructor(private readonly options: GuardOptions) {
    this.byKey = new Map(options.functions.map((fn) => [fn.accessKeyId, fn]));
  }

  principal(accessKeyId: string | undefined): Principal {
    const fn = accessKeyId === undefined ? undefined : this.byKey.get(accessKeyId);
    return fn === undefined ? { kind: 'developer' } : { kind: 'function', functionName: fn.name };
  }

  judge(call: AwsCall): Verdict {
    const fn = call.accessKeyId === undefined ? undefined : this.byKey.get(call.accessKeyId);
    if (fn === undefined) {
      return { kind: 'allow' };
    }
    const asked = this.asked(fn, call);
    // Nothing that decides changes while the stack runs, and hot paths ask the same thing over and over.
    const key = `${fn.name} ${call.action} ${call.resource} ${JSON.stringify(asked)}`;
    const known = this.verdicts.get(key);
    if (known !== undefined) {
      return known;
    }
    const verdict = this.judgeFunction(fn, call, new Map(asked));
    if (this.verdicts.size >= MEMORY) {
      this.verdicts.clear();
      this.namedKeys.clear();
    }
    this.verdicts.set(key, verdict);
    return verdict;
  }

  /** The values of the service's condition keys that a policy of the function or the resource names. */
  private asked(fn: GuardedFunction, call: AwsCall): [string, string | readonly string[]][] {
    if (call.conditions === undefined) {
      return [];
    }
    const place = `${fn.name} ${prefixOf(call.action)} ${call.resource}`;
    const keys = this.namedKeys.get(place) ?? this.keysNamedFor(fn, call);
    this.namedKeys.set(place, keys);
    return keys.size === 0 ? [] : [...call.conditions()].filter(([key]) => keys.has(key));
  }

  private keysNamedFor(fn: GuardedFunction, { service, action, resource }: AwsCall): Set<string> {
    const path = fn.reach.toService(service);
    const statements = [
      ...(fn.role?.statements ?? []),
      ...(fn.role?.boundary ?? []),
      ...((path.kind === 'open' ? path.policy : undefined) ?? []),
      ...this.options.resourcePolicy(resource),
    ];
    return new Set(statements.flatMap(conditionKeys).filter((key) => key.startsWith(`${prefixOf(action)}:`)));
  }

  private judgeFunction(fn: GuardedFunction, call: AwsCall, own: Context): Verdict {
    const path = fn.reach.toService(call.service);
    if (path.kind === 'blocked') {
      return { kind: 'unreachable', reason: path.reason };
    }
    const { role } = fn;
    if (role === undefined || ALWAYS_ALLOWED.has(call.action)) {
      return { kind: 'allow' };
    }
    const context = new Map([...this.context(role, fn.reach.vpcId, path.endpointId), ...own]);
    const request = { action: call.action, resource: call.resource, context };
    const user = this.assumedRole(role, fn.name);
    const principal = { kind: 'AWS', ids: [role.arn, user, this.options.accountId, this.rootArn()] };
    const endpoint = path.policy === undefined ? 'allow' : decide(path.policy, { ...request, principal });
    const boundary = role.boundary === undefined ? 'allow' : decide(role.boundary, request);
    const identity = decide(role.statements, request);
    const resource = decide(this.options.resourcePolicy(call.resource), { ...request, principal });
    // The account's own name in a resource policy hands the decision to the role's policies.
    const direct = decide(this.options.resourcePolicy(call.resource), {
      ...request,
      principal: { kind: 'AWS', ids: [role.arn, user] },
    });
    const problem = whyNot({ endpoint, boundary, identity, resource, direct }, call.action);
    return problem === undefined
      ? { kind: 'allow' }
      : {
          kind: 'deny',
          message: `User: ${user} is not authorized to perform: ${call.action} on resource: ${call.resource} ${problem}`,
        };
  }

  private context(role: RolePolicies, vpcId: string | undefined, endpointId: string | undefined): Context {
    const { accountId, region } = this.options;
    return new Map([
      ['aws:principalaccount', accountId],
      ['aws:principalarn', role.arn],
      ['aws:principaltype', 'AssumedRole'],
      ['aws:requestedregion', region],
      ['aws:resourceaccount', accountId],
      ['aws:sourceowner', accountId],
      // The endpoint here stands in for AWS's, which SDKs reach over TLS.
      ['aws:securetransport', 'true'],
      ['aws:viaawsservice', 'false'],
      ['aws:principalisawsservice', 'false'],
      ...(endpointId === undefined ? [] : ([['aws:sourcevpce', endpointId]] as const)),
      ...(endpointId === undefined || vpcId === undefined ? [] : ([['aws:sourcevpc', vpcId]] as const)),
    ]);
  }

  private assumedRole(role: RolePolicies, functionName: string): string {
    return `arn:aws:sts::${this.options.accountId}:assumed-role/${role.name}/${functionName}`;
  }

  private rootArn(): string {
    return `arn:aws:iam::${this.options.accountId}:root`;
  }
}

/** `iam` of `iam:PassRole`, which another service asks for. */
function prefixOf(action: string): string {
  return action.slice(0, action.indexOf(':'));
}

type Layers = Readonly<Record<'endpoint' | 'boundary' | 'identity' | 'resource' | 'direct', Decision>>;

/** AWS's words for what stands in the way; undefined where the call is allowed. */
function whyNot(layers: Layers, action: string): string | undefined {
  const names = {
    endpoint: 'a VPC endpoint policy',
    boundary: 'a permissions boundary',
    identity: 'an identity-based policy',
    resource: 'a resource-based policy',
  } as const;
  for (const layer of Object.keys(names) as (keyof typeof names)[]) {
    if (layers[layer] === 'explicit-deny') {
      return `with an explicit deny in ${names[layer]}`;
    }
  }
  if (layers.endpoint !== 'allow') {
    return `because no VPC endpoint policy allows the ${action} action`;
  }
  if (layers.direct === 'allow' || (layers.identity === 'allow' && layers.boundary === 'allow')) {
    return undefined;
  }
  const missing = layers.identity === 'allow' ? 'permissions boundary' : 'identity-based policy';
  return `because no ${missing} allows the ${action} action`;
}
