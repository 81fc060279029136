import { hex } from './context';

const AGENT = 'aws-micro';

function config<T extends string>(eventType: T) {
  return {
    distributionDomainName: 'd111111abcdef8.cloudfront.net',
    distributionId: 'EDFDVBD6EXAMPLE',
    eventType,
    requestId: hex(28),
  };
}

function request() {
  return {
    clientIp: '127.0.0.1',
    headers: {
      host: [{ key: 'Host', value: 'd111111abcdef8.cloudfront.net' }],
      'user-agent': [{ key: 'User-Agent', value: AGENT }],
    },
    method: 'GET',
    querystring: 'size=large',
    uri: '/picture.jpg',
  };
}

const ORIGIN = {
  custom: {
    customHeaders: {},
    domainName: 'example.org',
    keepaliveTimeout: 5,
    path: '',
    port: 443,
    protocol: 'https' as const,
    readTimeout: 30,
    sslProtocols: ['TLSv1.2'],
  },
};

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html */
export function cloudfrontViewerRequest() {
  return { Records: [{ cf: { config: config('viewer-request'), request: request() } }] };
}

export function cloudfrontOriginRequest() {
  return {
    Records: [{ cf: { config: config('origin-request'), request: { ...request(), origin: ORIGIN } } }],
  };
}

export function cloudfrontOriginResponse() {
  const response = {
    status: '200',
    statusDescription: 'OK',
    headers: { 'content-type': [{ key: 'Content-Type', value: 'image/jpeg' }] },
  };
  const cf = { config: config('origin-response'), request: { ...request(), origin: ORIGIN }, response };
  return { Records: [{ cf }] };
}
