import { createVerify, X509Certificate } from 'node:crypto';
import type { Broker } from '../../src/engine';
import { HttpEndpoint } from './http-endpoint';
import { allowTopic, cleanUp, openBroker, receive, temporaryFolder } from './support';

type Message = Record<string, string>;

let broker: Broker;
let topicArn: string;

afterEach(cleanUp);

async function open(folder = temporaryFolder(), SignatureVersion = '1'): Promise<void> {
  broker = await openBroker({ folder });
  ({ arn: topicArn } = await broker.ensureTopic('events', { SignatureVersion }));
}

async function subscribed(name: string): Promise<string> {
  const arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
  await broker.ensureQueue(name, { Policy: allowTopic(topicArn, arn) });
  await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: arn });
  return arn;
}

async function messageIn(queueArn: string): Promise<Message> {
  const [message] = await receive(broker, queueArn);
  return JSON.parse(message!.body) as Message;
}

/** As https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html says. */
async function verifies(message: Message): Promise<boolean> {
  const names =
    message.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('');
  const { fileName, pem } = await broker.sns.certificate();
  expect(message.SigningCertURL).toBe(`http://127.0.0.1/${fileName}`);
  const verify = createVerify(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text);
  return verify.verify(new X509Certificate(pem).publicKey, message.Signature!, 'base64');
}

it.each(['1', '2'])('of version %s verifies, with and without a subject', async (version) => {
  await open(temporaryFolder(), version);
  const queue = await subscribed('q');
  await broker.publish(topicArn, [{ message: 'h\u00e9llo\n"' }]);
  const plain = await messageIn(queue);
  expect(plain.SignatureVersion).toBe(version);
  expect(await verifies(plain)).toBe(true);
  await broker.publish(topicArn, [{ message: 'hello', subject: 'greeting' }]);
  const titled = await messageIn(queue);
  expect(await verifies(titled)).toBe(true);
  expect(await verifies({ ...titled, Message: 'other' })).toBe(false);
  expect(await verifies({ ...titled, Subject: 'other' })).toBe(false);
});

it('is of what the protocol gets', async () => {
  await open();
  const queue = await subscribed('q');
  await broker.publish(topicArn, [{ message: '{"default":"d","sqs":"s"}', messageStructure: 'json' }]);
  const message = await messageIn(queue);
  expect(message.Message).toBe('s');
  expect(await verifies(message)).toBe(true);
});

it('is made once for all subscriptions', async () => {
  await open();
  const queues = [await subscribed('a'), await subscribed('b')];
  await broker.publish(topicArn, [{ message: 'x' }]);
  const [a, b] = [await messageIn(queues[0]!), await messageIn(queues[1]!)];
  expect(a.Signature).toBe(b.Signature);
});

it('of a request for confirmation verifies', async () => {
  await open();
  const endpoint = await HttpEndpoint.start();
  await broker.subscriptions.subscribe({ topicArn, protocol: 'http', endpoint: endpoint.url });
  const { body } = await endpoint.request(1);
  await endpoint.stop();
  expect(await verifies(JSON.parse(body) as Message)).toBe(true);
});

it('has the same key after a restart', async () => {
  const folder = temporaryFolder();
  await open(folder);
  const queue = await subscribed('q');
  await broker.publish(topicArn, [{ message: 'x' }]);
  const before = await broker.sns.certificate();
  await broker.close();
  await open(folder);
  expect((await broker.sns.certificate()).pem).toBe(before.pem);
  expect(await verifies(await messageIn(queue))).toBe(true);
});

it('needs no key as long as everything is raw', async () => {
  const folder = temporaryFolder();
  await open(folder);
  await subscribed('q');
  const { arn } = broker.subscriptions.list()[0]!;
  await broker.subscriptions.setAttributes(broker.subscriptions.get(arn), { RawMessageDelivery: 'true' });
  await broker.publish(topicArn, [{ message: 'x' }]);
  expect(await broker.queues.store.getMany(['k!sns-signing'])).toEqual([undefined]);
});
