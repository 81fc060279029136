/** What API Gateway sends (payload format 2.0); the last part of the path is the variable of the route, where it has one. */
export function httpEvent(routeKey: string, path: string, body: unknown): unknown {
  const [method = ''] = routeKey.split(' ');
  const [, variable] = /\{(\w+)\}/.exec(routeKey) ?? [];
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', host: 'example.execute-api.us-east-1.amazonaws.com' },
    ...(variable !== undefined && { pathParameters: { [variable]: path.split('/').at(-1) } }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'example',
      domainName: 'example.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'example',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'jest' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1773119783000,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** What Lambda sends for a batch of a queue. */
export function queueEvent(bodies: readonly unknown[]): unknown {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      receiptHandle: 'handle',
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1773119783000' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:mail',
      awsRegion: 'us-east-1',
    })),
  };
}
