import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from './aws';

// A bundle gets those clients only that its function makes.

/** An attempt of a call that gets no answer ends after three seconds at most. */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };

export function createDynamoDb(): DynamoDBClient {
  return new DynamoDBClient({
    ...clientConfig('DYNAMODB'),
    // The one would look into `~/.aws`, the other would first ask the service where it is.
    accountIdEndpointMode: 'disabled',
    endpointDiscoveryEnabled: false,
    requestHandler,
  });
}

/** @param maxAttempts fewer where something else tries again later. @default 3 */
export function createSns(maxAttempts = 3): SNSClient {
  return new SNSClient({ ...clientConfig('SNS'), maxAttempts, requestHandler });
}

export function createSqs(): SQSClient {
  return new SQSClient({ ...clientConfig('SQS'), requestHandler });
}

export function createEventBridge(): EventBridgeClient {
  return new EventBridgeClient({ ...clientConfig('EVENTBRIDGE'), requestHandler });
}

export function createSecretsManager(): SecretsManagerClient {
  return new SecretsManagerClient({ ...clientConfig('SECRETS_MANAGER'), requestHandler });
}

/** Objects take longer than items do. */
const TRANSFER_TIMEOUT_MS = 10_000;

export function createS3(): S3Client {
  return new S3Client({
    ...clientConfig('S3'),
    // The SDK's defaults, given because it would look for them in `~/.aws`.
    disableS3ExpressSessionAuth: true,
    disableMultiregionAccessPoints: true,
    useArnRegion: false,
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    requestHandler: { ...requestHandler, requestTimeout: TRANSFER_TIMEOUT_MS },
  });
}
