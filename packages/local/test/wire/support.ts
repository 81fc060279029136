import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { systemClock } from '../../src/clock';
import type { AwsCall, Guard, InvocationResult, Invoker, Verdict } from '../../src/contracts';
import type { Broker, BrokerOptions } from '../../src/engine';
import { FunctionPermissions } from '../../src/iam';
import { Monitoring } from '../../src/monitoring';
import { AwsEndpoint, SecretStore } from '../../src/wire';
import type { WireContext } from '../../src/wire';
import { cleanUp, Lines, openBroker, temporaryFolder } from '../engine/support';

/** Access key of the function `producer`; every other one is the developer's. */
export const FUNCTION_KEY = 'AKIDPRODUCER';

/** Decides by the rules that a test gives it, and remembers what it was asked. */
export class TestGuard implements Guard {
  readonly calls: AwsCall[] = [];
  rule: (call: AwsCall) => Verdict = () => ({ kind: 'allow' });

  principal(accessKeyId: string | undefined) {
    if (accessKeyId === FUNCTION_KEY) return { kind: 'function' as const, functionName: 'producer' };
    return { kind: 'developer' as const };
  }

  judge(call: AwsCall): Verdict {
    this.calls.push(call);
    return call.accessKeyId === FUNCTION_KEY ? this.rule(call) : { kind: 'allow' };
  }
}

/** Functions as plain functions. */
export class TestInvoker implements Invoker {
  readonly functions = new Map<string, (payload: string) => Partial<InvocationResult>>();

  has(name: string): boolean {
    return this.functions.has(name);
  }

  invoke(name: string, payload: string): Promise<InvocationResult> {
    const result = this.functions.get(name)!(payload);
    return Promise.resolve({
      requestId: 'request-1',
      payload: 'null',
      logTail: '',
      durationMs: 1,
      ...result,
    });
  }
}

export interface Runtime {
  readonly broker: Broker;
  readonly endpoint: AwsEndpoint;
  readonly guard: TestGuard;
  readonly invoker: TestInvoker;
  readonly secrets: SecretStore;
  readonly reporter: Lines;
  /** Metrics and alarms, on the broker's clock. */
  readonly monitoring: Monitoring;
  /** What AddPermission gave. */
  readonly functionPermissions: FunctionPermissions;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly secretsManager: SecretsManagerClient;
  readonly lambda: LambdaClient;
}

export function clientConfig(url: string, accessKeyId = 'developer') {
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  return { endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 };
}

/**
 * A broker behind the AWS endpoint, and a client of each service.
 * @param rooms what else is hosted, over the broker if need be
 */
export async function startRuntime(
  options: Partial<BrokerOptions> = {},
  rooms: Partial<WireContext> | ((broker: Broker) => Promise<Partial<WireContext>>) = {},
): Promise<Runtime> {
  const reporter = new Lines();
  const { clock = systemClock } = options;
  const broker = await openBroker({ reporter, ...options });
  const guard = new TestGuard();
  const invoker = new TestInvoker();
  const secrets = new SecretStore();
  const more = typeof rooms === 'function' ? await rooms(broker) : rooms;
  const monitoring =
    more.monitoring ?? (await Monitoring.open({ folder: join(temporaryFolder(), 'alarms'), clock, broker }));
  monitoring.start();
  const functionPermissions = new FunctionPermissions({
    file: join(temporaryFolder(), 'permissions.json'),
    accountId: broker.locale.accountId,
    declared: () => false,
  });
  const parts = { broker, guard, invoker, secrets, reporter, monitoring, functionPermissions };
  const endpoint = await AwsEndpoint.start({ ...parts, port: 0, ...more });
  const config = clientConfig(endpoint.url);
  const sns = new SNSClient(config);
  const sqs = new SQSClient(config);
  const secretsManager = new SecretsManagerClient(config);
  const lambda = new LambdaClient(config);
  return { ...parts, endpoint, sns, sqs, secretsManager, lambda };
}

export async function stopRuntime(runtime: Runtime): Promise<void> {
  for (const client of [runtime.sns, runtime.sqs, runtime.secretsManager, runtime.lambda]) client.destroy();
  await runtime.endpoint.stop();
  await runtime.monitoring.stop();
  await cleanUp();
}

/** A call of the Query protocol, as older SDKs make them. */
export async function query(url: string, version: string, parameters: Record<string, string>) {
  const body = new URLSearchParams({ Version: version, ...parameters });
  const response = await fetch(url, { method: 'POST', body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
