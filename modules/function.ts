import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction as AwsLambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { AssetType, TerraformAsset } from 'cdktf';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AsyncInvocations } from './async-invocations';
import type { Bundle } from './bundle';
import { bundlerOf } from './bundler';
import { dependOn } from './depend-on';
import { attachToNetwork } from './function-network';
import type { LambdaFunctionProps } from './function-props';
import { FunctionUrl } from './function-url';
import type { FunctionUrlOptions } from './function-url';
import { requireVariables, validateFunction } from './function-rules';
import { createLogGroup } from './log-group';
import { PolicyDocument, trustPolicy } from './policy';
import type { Destination, Grantee, Statement } from './policy';
import { ReachCheck, serviceOfAction } from './reach';
import type { SecurityGroup } from './security-group';
import { requireThat } from './validate';

/**
 * A Lambda function in TypeScript: bundled by esbuild with source maps, on Node.js 22 and arm64, traced by X-Ray, with
 * JSON logs in a log group of its own and a role that may do what was granted and nothing else.
 *
 * Emits aws_lambda_function, aws_iam_role, aws_iam_role_policy and aws_cloudwatch_log_group; in a network also
 * aws_security_group with rules and aws_iam_role_policy_attachment. Free at rest; 0.20 USD a million invocations and
 * 0.0000133334 USD a GB-second, 0.50 USD a GB of logs, traces 5 USD a million.
 *
 * @example
 * const greeter = new LambdaFunction(scope, 'greeter', {
 *   name: 'greeter',
 *   entry: 'handlers/greeter.ts',
 *   environment: { GREETING: 'hello' },
 * });
 * topic.grantPublish(greeter);
 */
export class LambdaFunction extends Construct implements Grantee, Destination {
  readonly bundle: Bundle;
  readonly asset: TerraformAsset;
  readonly logGroup: CloudwatchLogGroup;
  readonly role: IamRole;
  readonly rolePolicy: IamRolePolicy;
  readonly function: AwsLambdaFunction;
  /** Set in a network: what it may connect to is added by grants. */
  readonly securityGroup?: SecurityGroup;
  /** The actions that its code, not Lambda, calls. */
  readonly calledActions = new Set<string>();
  readonly timeoutSeconds: number;
  readonly isFifo = false;
  private readonly policy = new PolicyDocument();
  private readonly dependencies: ITerraformDependable[] = [];
  private readonly environment: Record<string, string>;

  constructor(
    scope: Construct,
    id: string,
    readonly props: LambdaFunctionProps,
  ) {
    super(scope, id);
    validateFunction(this, props);
    this.timeoutSeconds = props.timeoutSeconds ?? 10;
    this.environment = { NODE_OPTIONS: '--enable-source-maps', ...props.environment };
    this.bundle = bundlerOf(this)(props.entry, props.bundling);
    this.asset = this.createAsset();
    this.logGroup = this.createLogGroup();
    this.role = this.createRole();
    this.rolePolicy = this.createRolePolicy();
    this.securityGroup = this.attachToNetwork();
    this.function = this.createFunction();
    this.props.deadLetterQueue?.grantDelivery(this);
    this.node.addValidation(new ReachCheck(this));
  }

  get name(): string {
    return this.props.name;
  }

  get arn(): string {
    return this.function.arn;
  }

  /** The function's code calls these actions. In a network this opens the way to their service, where there is one. */
  grant(statement: Statement): void {
    this.policy.add(statement);
    for (const action of statement.actions) {
      this.calledActions.add(action);
      this.openPathTo(serviceOfAction(action));
    }
  }

  /**
   * Rights that need no way to a service's API: what AWS calls in the function's name (polls a queue, decrypts, sends dead
   * letters), and what is judged elsewhere (`rds-db:connect`).
   */
  grantIndirect(statement: Statement): void {
    this.policy.add(statement);
  }

  /** How Lambda treats invocations that their caller does not wait for. */
  get asyncInvocations(): AsyncInvocations {
    const id = 'async-invocations';
    return (this.node.tryFindChild(id) as AsyncInvocations | undefined) ?? new AsyncInvocations(this, id);
  }

  /** Sends a record of each asynchronous invocation that failed for good, with its event and error, to the destination. */
  onFailure(destination: Destination): void {
    this.asyncInvocations.onFailure(destination);
  }

  /** Sends a record of each asynchronous invocation that succeeded, with its event and result, to the destination. */
  onSuccess(destination: Destination): void {
    this.asyncInvocations.onSuccess(destination);
  }

  /**
   * Gives the function an HTTPS address of its own, beside any API.
   * @throws Error if it has one already
   */
  addUrl(options: FunctionUrlOptions): FunctionUrl {
    const known = this.node.tryFindChild('url') !== undefined;
    requireThat(this, !known, 'url', this.name, 'the function has a URL already, and Lambda gives it one');
    return new FunctionUrl(this, 'url', { fn: this, ...options });
  }

  /** Lets another function's code invoke this one. */
  grantInvoke(caller: LambdaFunction): void {
    caller.grant({ sid: 'InvokeFunctions', actions: ['lambda:InvokeFunction'], resources: [this.arn] });
  }

  /** Lets AWS invoke this function in somebody's name: for a schedule, or with a record of another's invocation. */
  grantDelivery(grantee: Grantee): void {
    grantee.grantIndirect({
      sid: 'InvokeIndirectly',
      actions: ['lambda:InvokeFunction'],
      resources: [this.arn],
    });
  }

  /**
   * Lets the function open TCP connections to members of a security group; it is created when the way is open.
   * @throws Error outside a network
   */
  connectTo(other: SecurityGroup, port: number, protocol: string): void {
    const { securityGroup } = this;
    const rule = 'a function outside a VPC has no security group: give it a network';
    requireThat(this, securityGroup !== undefined, 'network', null, rule);
    this.dependOn(...(securityGroup?.connectTo(other, port, protocol) ?? []));
  }

  /** The function is created, and its code updated, only after these resources. */
  dependOn(...resources: readonly ITerraformDependable[]): void {
    dependOn(this.function, ...resources);
  }

  /** @throws Error if the variable has another value already */
  addEnvironment(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      const free = this.environment[name] === undefined || this.environment[name] === value;
      requireThat(this, free, `environment.${name}`, value, 'it has another value already');
    }
    Object.assign(this.environment, variables);
    requireVariables(this, this.environment);
    this.function.putEnvironment({ variables: { ...this.environment } });
  }

  private createAsset(): TerraformAsset {
    const { zipFile, hash } = this.bundle;
    return new TerraformAsset(this, 'bundle', { path: zipFile, type: AssetType.FILE, assetHash: hash });
  }

  private createLogGroup(): CloudwatchLogGroup {
    const logGroup = createLogGroup(this, 'log-group', {
      name: `/aws/lambda/${this.name}`,
      retentionDays: this.props.logRetentionDays ?? 30,
      encryptionKey: this.props.encryptionKey,
    });
    this.dependencies.push(logGroup);
    return logGroup;
  }

  private createRole(): IamRole {
    return new IamRole(this, 'role', {
      name: this.name,
      assumeRolePolicy: trustPolicy('lambda.amazonaws.com'),
    });
  }

  private createRolePolicy(): IamRolePolicy {
    this.policy.add({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`${this.logGroup.arn}:*`],
    });
    // X-Ray's actions cannot be restricted to a resource.
    this.policy.add({
      sid: 'WriteTraces',
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: ['*'],
    });
    const policy = new IamRolePolicy(this, 'role-policy', {
      name: 'permissions',
      role: this.role.name,
      policy: this.policy.json,
    });
    this.dependencies.push(policy);
    return policy;
  }

  private attachToNetwork(): SecurityGroup | undefined {
    if (!this.props.network) return undefined;
    const { attachment, securityGroup } = attachToNetwork(this, this.props.network);
    this.dependencies.push(attachment);
    return securityGroup;
  }

  private createFunction(): AwsLambdaFunction {
    const { props, securityGroup } = this;
    return new AwsLambdaFunction(this, 'function', {
      functionName: props.name,
      description: props.description,
      role: this.role.arn,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      filename: this.asset.path,
      sourceCodeHash: this.bundle.hash,
      timeout: this.timeoutSeconds,
      memorySize: props.memoryMb ?? 256,
      reservedConcurrentExecutions: props.reservedConcurrency,
      ...(props.ephemeralStorageMb && { ephemeralStorage: { size: props.ephemeralStorageMb } }),
      ...(props.deadLetterQueue && { deadLetterConfig: { targetArn: props.deadLetterQueue.arn } }),
      environment: { variables: { ...this.environment } },
      tracingConfig: { mode: 'Active' },
      loggingConfig: {
        logFormat: 'JSON',
        logGroup: this.logGroup.name,
        applicationLogLevel: 'INFO',
        systemLogLevel: 'INFO',
      },
      ...(props.network && {
        vpcConfig: {
          subnetIds: props.network.privateSubnetIds,
          securityGroupIds: securityGroup ? [securityGroup.id] : [],
        },
        // Lambda keeps its network interfaces for up to 40 minutes; handing them to the default group frees this one.
        replaceSecurityGroupsOnDestroy: true,
      }),
      // Lambda would make the group itself, without an end to what it keeps, if it ran first.
      dependsOn: this.dependencies,
      ...props.overrides,
    });
  }

  private openPathTo(service: string): void {
    const path = this.props.network?.pathTo(service);
    if (path) this.dependOn(...(this.securityGroup?.openPath(service, path) ?? []));
  }
}
