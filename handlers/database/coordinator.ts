import { setTimeout as wait } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { clientConfig } from '../shared/aws';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { coordinate } from './coordinate';
import type { MigrationResult } from './migrate';

const secretArn = required(process.env, 'DATABASE_SECRET_ARN');
const migratorFunctionName = required(process.env, 'MIGRATOR_FUNCTION_NAME');
const secrets = new SecretsManagerClient(clientConfig('SECRETS_MANAGER'));
const lambda = new LambdaClient(clientConfig('LAMBDA'));

/** Runs at deployment, outside the VPC, where Secrets Manager and Lambda can be reached without an endpoint of our own. */
export function handler(_event: unknown, context: Context): Promise<MigrationResult> {
  return coordinate({
    secrets,
    lambda,
    secretArn,
    migratorFunctionName,
    log: createLog(context.awsRequestId),
    remainingMs: () => context.getRemainingTimeInMillis(),
    wait: async (ms) => void (await wait(ms)),
  });
}
