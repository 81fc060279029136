import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientConfig } from '../shared/aws';

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

/** Two attempts only: what SNS does not take now stays pending, and the sweep has it. */
export function createSns(): SNSClient {
  return new SNSClient({ ...clientConfig('SNS'), maxAttempts: 2, requestHandler });
}
