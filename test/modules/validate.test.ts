import { TerraformVariable } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { EmailIdentity, LambdaFunction, Queue, Schedule, Table, Topic } from '../../modules';
import type { ConsumeOptions, LambdaFunctionProps, QueueProps } from '../../modules';
import { synthesize } from '../support/template';

const variable = (stack: TerraformStack, id: string) => new TerraformVariable(stack, id, {});
const text = (stack: TerraformStack, id = 'text') => variable(stack, id).stringValue;
const number = (stack: TerraformStack, id = 'number') => variable(stack, id).numberValue;

function consume(
  stack: TerraformStack,
  queue: Partial<QueueProps>,
  fn: Partial<LambdaFunctionProps>,
  options: ConsumeOptions = {},
): void {
  const consumer = new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts', ...fn });
  new Queue(stack, 'queue', { name: 'queue', ...queue }).consumeWith(consumer, options);
}

describe('what Terraform learns later is left to AWS', () => {
  test.each<[string, (stack: TerraformStack) => unknown]>([
    [
      'a topic',
      (stack) => new Topic(stack, 'it', { name: text(stack), fifo: { archiveDays: number(stack) } }),
    ],
    [
      'a queue',
      (stack) =>
        new Queue(stack, 'it', {
          name: text(stack),
          visibilityTimeoutSeconds: number(stack, 'visible'),
          retentionSeconds: number(stack, 'kept'),
          maxReceiveCount: number(stack, 'receives'),
        }),
    ],
    [
      'dead letters',
      (stack) => new Queue(stack, 'it', { name: 'q', deadLetterRetentionSeconds: number(stack) }),
    ],
    [
      'a function',
      (stack) =>
        new LambdaFunction(stack, 'it', {
          name: text(stack),
          entry: 'fn.ts',
          timeoutSeconds: number(stack, 'timeout'),
          memoryMb: number(stack, 'memory'),
          reservedConcurrency: number(stack, 'reserved'),
        }),
    ],
    ['a batch', (stack) => consume(stack, {}, {}, { batchSize: number(stack) })],
    [
      'a window',
      (stack) =>
        consume(
          stack,
          { visibilityTimeoutSeconds: 60 },
          {},
          { batchSize: 100, batchWindowSeconds: number(stack) },
        ),
    ],
    ['reserved instances', (stack) => consume(stack, {}, { reservedConcurrency: number(stack) })],
    [
      'consumers',
      (stack) => consume(stack, {}, { reservedConcurrency: 5 }, { maximumConcurrency: number(stack) }),
    ],
    ['visibility', (stack) => consume(stack, { visibilityTimeoutSeconds: number(stack) }, {})],
    [
      'a table',
      (stack) => new Table(stack, 'it', { name: text(stack), partitionKey: { name: 'id', type: 'S' } }),
    ],
    [
      'a schedule',
      (stack) => {
        const fn = new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });
        return new Schedule(stack, 'it', {
          name: text(stack),
          fn,
          expression: text(stack, 'expression'),
          timeZone: text(stack, 'zone'),
        });
      },
    ],
    [
      'an identity',
      (stack) => {
        const fn = new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' });
        return new EmailIdentity(stack, 'it', { identity: text(stack) }).grantSend(
          fn,
          'no-reply@example.com',
        );
      },
    ],
  ])('%s', (_name, build) => expect(() => synthesize((stack) => void build(stack))).not.toThrow());

  test('but a visibility timeout cannot be derived from it', () => {
    const build = (queue: Partial<QueueProps>) =>
      synthesize((stack) => consume(stack, queue, { timeoutSeconds: number(stack) }));
    expect(() => build({})).toThrow(/visibilityTimeoutSeconds is undefined: it follows from a timeout/);
    expect(() => build({ visibilityTimeoutSeconds: 600 })).not.toThrow();
  });
});
