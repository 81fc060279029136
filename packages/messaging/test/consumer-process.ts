import { Messaging } from '../src';

/** Takes a message and never finishes with it, in a process of its own: prints its body as soon as it has it. */
const [endpoint, queue = ''] = process.argv.slice(2);
const messaging = new Messaging({
  endpoint,
  region: 'us-east-1',
  credentials: { kind: 'static', accessKeyId: 'developer', secretAccessKey: 'secret' },
});
messaging.receive(queue, async ({ body }) => {
  process.stdout.write(`${body}\n`);
  await new Promise(() => undefined);
});
