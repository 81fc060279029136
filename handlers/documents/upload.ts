import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { clientConfig } from '../shared/aws';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { prepareUpload } from './prepare-upload';

const bucket = required(process.env, 'DOCUMENTS_BUCKET');

/**
 * `POST /documents`: an address for an upload to the bucket DOCUMENTS_BUCKET.
 *
 * Makes no call. Who uploads does so in this function's name: s3:PutObject.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  const { region, credentials, endpoint } = clientConfig('S3');
  return prepareUpload(event, {
    bucket,
    region,
    credentials,
    endpoint,
    log: createLog(context.awsRequestId),
  });
}
