import { queueUrl } from '../../src/wire';
import type { Runtime } from './support';
import { query, startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let QueueUrl: string;

beforeAll(async () => {
  runtime = await startRuntime();
  await runtime.broker.ensureQueue('orders');
  QueueUrl = queueUrl(runtime.endpoint.url, runtime.broker.locale, 'orders');
});

afterAll(() => stopRuntime(runtime));

describe('the Query protocol', () => {
  const call = (parameters: Record<string, string>, url = runtime.endpoint.url) =>
    query(url, '2012-11-05', parameters);

  it('creates queues with attributes and tags', async () => {
    const created = await call({
      Action: 'CreateQueue',
      QueueName: 'old',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '5',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'a&b',
    });
    const url = `${runtime.endpoint.url}/000000000000/old`;
    expect(created.text).toContain(`<CreateQueueResult><QueueUrl>${url}</QueueUrl></CreateQueueResult>`);
    const attributes = await call({
      Action: 'GetQueueAttributes',
      QueueUrl: url,
      'AttributeName.1': 'VisibilityTimeout',
    });
    expect(attributes.text).toContain(
      '<Attribute><Name>VisibilityTimeout</Name><Value>5</Value></Attribute>',
    );
    expect((await call({ Action: 'ListQueueTags' }, url)).text).toContain(
      '<Tag><Key>team</Key><Value>a&amp;b</Value></Tag>',
    );
    expect((await call({ Action: 'ListQueues' })).text).toContain(`<QueueUrl>${url}</QueueUrl>`);
  });

  it('sends, receives and deletes, also at the address of the queue', async () => {
    const sent = await call(
      {
        Action: 'SendMessage',
        MessageBody: 'a+b &amp; <c>\r',
        'MessageAttribute.1.Name': 'kind',
        'MessageAttribute.1.Value.DataType': 'String',
        'MessageAttribute.1.Value.StringValue': 'x y',
      },
      QueueUrl,
    );
    expect(sent.status).toBe(200);
    expect(sent.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    const received = await call({
      Action: 'ReceiveMessage',
      QueueUrl,
      'AttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'All',
    });
    expect(received.text).toContain('<Body>a+b &amp;amp; &lt;c&gt;&#xD;</Body>');
    expect(received.text).toContain(
      '<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>',
    );
    const value = '<Value><StringValue>x y</StringValue><DataType>String</DataType></Value>';
    expect(received.text).toContain(`<MessageAttribute><Name>kind</Name>${value}</MessageAttribute>`);
    const handle = /<ReceiptHandle>(.*)<\/ReceiptHandle>/.exec(received.text)![1]!;
    const deleted = await call({ Action: 'DeleteMessage', QueueUrl, ReceiptHandle: handle });
    expect(deleted.text).toMatch(
      /^<\?xml version="1.0"\?>\n<DeleteMessageResponse xmlns="[^"]+"><ResponseMetadata>/,
    );
    expect(runtime.broker.queues.findByName('orders')!.depth()).toEqual({
      visible: 0,
      inFlight: 0,
      delayed: 0,
    });
    // Botocore looks for the result of an operation that has one, though there is nothing in it.
    const empty = await call({ Action: 'ReceiveMessage', QueueUrl });
    expect(empty.text).toMatch(/><ReceiveMessageResult><\/ReceiveMessageResult><ResponseMetadata>/);
  });

  it('reports batches entry by entry', async () => {
    const sent = await call({
      Action: 'SendMessageBatch',
      QueueUrl,
      'SendMessageBatchRequestEntry.1.Id': 'a',
      'SendMessageBatchRequestEntry.1.MessageBody': 'x',
      'SendMessageBatchRequestEntry.2.Id': 'b',
      'SendMessageBatchRequestEntry.2.MessageBody': '',
    });
    expect(sent.text).toContain('<SendMessageBatchResultEntry><Id>a</Id><MessageId>');
    expect(sent.text).toContain('<BatchResultErrorEntry><Id>b</Id><Code>MissingParameter</Code>');
  });

  it('has its own names of errors', async () => {
    const missing = await call({ Action: 'GetQueueUrl', QueueName: 'missing' });
    expect(missing.status).toBe(400);
    expect(missing.text).toContain('<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>');
    const unknown = await call({ Action: 'DoMagic', Version: '2012-11-05' });
    expect(unknown.text).toContain('<Code>InvalidAction</Code>');
    expect(unknown.text).toContain('DoMagic of sqs is not hosted by the local runtime');
  });
});
