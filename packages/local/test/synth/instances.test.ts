import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProject, readStacks, Resolver, unhosted } from '../../src/synth';
import { hosts, resolverOf } from './support';

const folder = mkdtempSync(join(tmpdir(), 'instances-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ARN = 'arn:aws:sqs:eu-west-1:000000000000';

function write(name: string, content: unknown): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('count and for_each', () => {
  const resolver = resolverOf(
    {
      aws_sqs_queue: {
        counted: { count: '${length(var.names)}', name: '${var.names[count.index]}' },
        each: {
          for_each: { a: { delay: 5 }, b: { delay: 0 } },
          name: 'each-${each.key}',
          delay_seconds: '${each.value.delay}',
          redrive_policy: '${jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn })}',
        },
        dead: { for_each: '${toset(["b", "a"])}', name: 'dead-${each.value}' },
        none: { count: 0, name: 'none' },
        maybe: { count: '${false ? 1 : 0}', name: 'maybe' },
        unnamed: { count: 2 },
        chained: { for_each: '${aws_sqs_queue.dead}', name: 'chained-${each.value.name}' },
      },
    },
    { variables: { names: { default: ['one', 'two'] } } },
  );
  const names = resolver.resources('aws_sqs_queue').map((queue) => queue.id('name'));

  test('make resources of their own, each with its name', () => {
    expect(names).toEqual([
      ...['one', 'two', 'each-a', 'each-b', 'dead-a', 'dead-b'],
      ...['unnamed-0', 'unnamed-1', 'chained-dead-a', 'chained-dead-b'],
    ]);
  });

  test('give each address, argument and reference its key', () => {
    const [a] = resolver
      .resources('aws_sqs_queue')
      .filter(({ address }) => address === 'aws_sqs_queue.each["a"]');
    expect(a!.number('delay_seconds', 0)).toBe(5);
    expect(a!.text('redrive_policy')).toBe(`{"deadLetterTargetArn":"${ARN}:dead-a"}`);
    expect(resolver.value('${aws_sqs_queue.counted[1].arn}')).toBe(`${ARN}:two`);
    expect(resolver.value('${aws_sqs_queue.each["b"].arn}')).toBe(`${ARN}:each-b`);
    expect(resolver.value('${values(aws_sqs_queue.dead)[*].name}')).toEqual(['dead-a', 'dead-b']);
    expect(resolver.value('${length(aws_sqs_queue.none)}')).toBe(0);
    expect(resolver.value('${try(aws_sqs_queue.maybe[0].arn, "nothing")}')).toBe('nothing');
  });

  test('are refused where they make no sense', () => {
    const wrong = (for_each: unknown) => () =>
      resolverOf({ aws_sqs_queue: { q: { for_each: for_each as string } } }).resources('aws_sqs_queue');
    expect(wrong('${["a", 1]}')).toThrow(
      '[aws_sqs_queue.q] for_each takes a map, or a set of texts, not ["a",1]',
    );
    expect(wrong('${null}')).toThrow('for_each is null');
    expect(() => resolver.value('${aws_sqs_queue.each["c"].arn}')).toThrow('has no member "c"');
    expect(() => resolver.value('${aws_sqs_queue.counted.arn}')).toThrow('a list of 2 has no element arn');
  });
});

test('dynamic blocks are blocks, at any depth', () => {
  const resolver = resolverOf({
    aws_security_group: {
      g: {
        ingress: [{ from_port: 22 }],
        dynamic: {
          ingress: {
            for_each: [80, 443],
            iterator: 'port',
            content: { from_port: '${port.value}', note: '${port.key}' },
          },
        },
        outer: { dynamic: { inner: { for_each: { a: 1 }, content: { name: '${inner.key}' } } } },
      },
    },
  });
  const [group] = resolver.resources('aws_security_group');
  expect(group!.blocks('ingress').map((block) => block.number('from_port', 0))).toEqual([22, 80, 443]);
  expect(group!.block('outer')!.block('inner')!.text('name')).toBe('a');
});

describe('modules', () => {
  beforeAll(() => {
    write('main.tf.json', {
      provider: { aws: [{ region: 'eu-west-1' }, { alias: 'west', region: 'us-west-2' }] },
      variable: { sizes: { type: 'map(number)' }, on: { type: 'bool', default: 'true' }, secret: {} },
      module: {
        queue: {
          source: './queue',
          for_each: '${var.sizes}',
          name: '${each.key}',
          options: { size: '${each.value}' },
          topic: '${aws_sns_topic.t}',
        },
        far: { source: './queue', providers: { aws: 'aws.west' }, name: 'far', options: {} },
        registry: { source: 'terraform-aws-modules/vpc/aws', version: '5.0.0' },
        hcl: { source: './hcl' },
      },
      resource: { aws_sns_topic: { t: { name: 'topic' } } },
      output: { urls: { value: '${[for queue in module.queue : queue.url]}' } },
    });
    write('queue/main.tf.json', {
      variable: {
        name: { type: 'string' },
        topic: { default: null },
        options: { type: 'object({ size = optional(number, 7), fifo = optional(bool) })' },
      },
      resource: {
        aws_sqs_queue: {
          this: {
            name: '${var.name}-${var.options.size}',
            tags: {
              topic: '${try(var.topic.arn, "none")}',
              fifo: '${var.options.fifo == null}',
              at: '${path.module}',
            },
          },
          generated: {},
        },
      },
      output: { url: { value: '${aws_sqs_queue.this.url}' } },
    });
    write('hcl/main.tf', 'resource "aws_sqs_queue" "q" {}');
    write('terraform.tfvars.json', { sizes: { a: '1' }, on: false, secret: 'file' });
    write('more.auto.tfvars.json', { sizes: { a: 1, b: '2' } });
  });

  const resolver = (variables: Record<string, string> = {}) =>
    new Resolver(readStacks(findProject(folder).folder), hosts, variables);

  test('have their own variables, with the types and defaults that they declare', () => {
    const queues = resolver().resources('aws_sqs_queue');
    expect(queues.map((queue) => [queue.address, queue.id('name'), queue.region])).toEqual([
      ['module.queue["a"].aws_sqs_queue.this', 'a-1', 'eu-west-1'],
      ['module.queue["a"].aws_sqs_queue.generated', 'queue-a-generated', 'eu-west-1'],
      ['module.queue["b"].aws_sqs_queue.this', 'b-2', 'eu-west-1'],
      ['module.queue["b"].aws_sqs_queue.generated', 'queue-b-generated', 'eu-west-1'],
      ['module.far.aws_sqs_queue.this', 'far-7', 'us-west-2'],
      ['module.far.aws_sqs_queue.generated', 'far-generated', 'us-west-2'],
    ]);
    expect(queues[0]!.textMap('tags')).toEqual({
      topic: 'arn:aws:sns:eu-west-1:000000000000:topic',
      fifo: 'true',
      at: join(folder, 'queue'),
    });
    expect(resolver().output('urls')).toEqual(
      ['a-1', 'b-2'].map((name) => `http://127.0.0.1:4566/000000000000/${name}`),
    );
  });

  test('that are not here are named, and what refers to them says why', () => {
    expect(unhosted(resolver())).toEqual([
      'module.registry (its source "terraform-aws-modules/vpc/aws" is not a folder)',
      'module.hcl (it is written in HCL (main.tf), of which only the JSON syntax is read)',
    ]);
    expect(() => resolver().value('${module.registry.vpc_id}')).toThrow(
      'module.registry is not hosted: its source "terraform-aws-modules/vpc/aws" is not a folder',
    );
  });

  test('variables come from files over the environment, and the environment is read by their type', () => {
    expect(resolver({ secret: 'environment' }).value('${var.secret} ${var.on}')).toBe('file false');
    rmSync(join(folder, 'terraform.tfvars.json'));
    rmSync(join(folder, 'more.auto.tfvars.json'));
    const given = resolver({ sizes: '{ c = "3" }', secret: '[not json', on: 'false' });
    expect(given.value('${var.secret} ${var.sizes.c + 1} ${!var.on}')).toBe('[not json 4 true');
  });
});

describe('HCL', () => {
  test('is refused with the remedy, whole projects and files beside JSON', () => {
    write('only/main.tf', '');
    expect(() => findProject(join(folder, 'only'))).toThrow(
      `${join(folder, 'only', 'main.tf')} is HCL, which is not read: write it in JSON (main.tf.json), or synthesize the stack with CDKTF`,
    );
    write('beside/main.tf.json', {});
    write('beside/more.tf', '');
    expect(() => readStacks(join(folder, 'beside'))).toThrow('more.tf is HCL, which is not read');
    write('vars/main.tf.json', {});
    write('vars/terraform.tfvars', 'a = 1');
    expect(() => readStacks(join(folder, 'vars'))).toThrow('write it in JSON (terraform.tfvars.json)');
  });

  test('broken JSON names its file', () => {
    write('broken/main.tf.json', '{');
    expect(() => readStacks(join(folder, 'broken'))).toThrow('main.tf.json is not valid JSON');
  });

  test('override files are merged over what they override', () => {
    write('over/main.tf.json', { resource: { aws_sqs_queue: { q: { name: 'a', delay_seconds: 5 } } } });
    write('over/a_override.tf.json', { resource: { aws_sqs_queue: { q: { name: 'b' } } } });
    const [queue] = new Resolver(readStacks(join(folder, 'over')), hosts).resources('aws_sqs_queue');
    expect([queue!.text('name'), queue!.number('delay_seconds', 0)]).toEqual(['b', 5]);
  });
});
