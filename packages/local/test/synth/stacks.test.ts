import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/synth';
import { readStacks, Resolver, unhosted } from '../../src/synth';
import { hosts } from './support';

const folder = mkdtempSync(join(tmpdir(), 'stacks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What CDKTF writes for an app with these stacks. */
function app(stacks: Readonly<Record<string, JsonObject>>): string {
  for (const [name, stack] of Object.entries(stacks)) {
    mkdirSync(join(folder, 'stacks', name), { recursive: true });
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(stack));
  }
  const paths = Object.keys(stacks).map((name): [string, JsonObject] => [
    name,
    { synthesizedStackPath: `stacks/${name}/cdk.tf.json` },
  ]);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ stacks: Object.fromEntries(paths) }));
  return folder;
}

const reads = (backend: string, config: JsonObject, more: JsonObject = {}): JsonObject => ({
  terraform_remote_state: { other: { backend, config, workspace: '${terraform.workspace}', ...more } },
});
const S3 = { bucket: 'states', key: 'base.tfstate', region: 'eu-west-1' };
const LOCAL = { path: '/somewhere/terraform.jobs.tfstate' };

const base: JsonObject = {
  terraform: { backend: { s3: S3 } },
  provider: { aws: [{ region: 'eu-west-1' }] },
  resource: { aws_sns_topic: { it: { name: 'news' } }, aws_sqs_queue: { it: {} } },
  output: { 'cross-stack-output-aws_sns_topicitarn': { value: '${aws_sns_topic.it.arn}' } },
};
const jobs: JsonObject = {
  terraform: { backend: { local: LOCAL } },
  provider: { aws: [{ region: 'us-east-2' }] },
  data: reads('s3', S3),
  resource: {
    aws_sqs_queue: {
      it: {
        name: 'jobs',
        tags: {
          topic: '${data.terraform_remote_state.other.outputs.cross-stack-output-aws_sns_topicitarn}',
          missing: '${data.terraform_remote_state.other.outputs.nothing}',
        },
      },
    },
  },
  output: { url: { value: '${aws_sqs_queue.it.url}' } },
};
const web: JsonObject = {
  data: reads('local', LOCAL),
  output: { url: { value: '${data.terraform_remote_state.other.outputs.url}' } },
};

describe('an app of several stacks', () => {
  test('is read in the order in which they need each other, or as far as it is wanted', () => {
    app({ web, jobs, base });
    const names = (wanted?: string[]) => readStacks(folder, wanted).map(({ name }) => name);
    expect(names()).toEqual(['base', 'jobs', 'web']);
    expect(names(['jobs', 'base'])).toEqual(['base', 'jobs']);
    expect(() => names(['web', 'jobs'])).toThrow('The stack jobs reads outputs of base: add --stack base');
  });

  test('that read each other in a circle is refused', () => {
    app({ base: { ...base, data: reads('local', LOCAL) }, jobs });
    expect(() => readStacks(folder)).toThrow(
      "These stacks read each other's outputs in a circle: base -> jobs -> base",
    );
  });

  test('has the same logical names twice, each with its region, its address and its name', () => {
    const resolver = new Resolver(readStacks(app({ base, jobs, web })), hosts);
    expect(
      resolver.resources('aws_sqs_queue').map((each) => [each.address, each.id('arn'), each.folder]),
    ).toEqual([
      ['base/aws_sqs_queue.it', 'arn:aws:sqs:eu-west-1:000000000000:base-it', join(folder, 'stacks', 'base')],
      ['jobs/aws_sqs_queue.it', 'arn:aws:sqs:us-east-2:000000000000:jobs', join(folder, 'stacks', 'jobs')],
    ]);
  });

  test('passes outputs from stack to stack, and names the one that is missing', () => {
    const stacks = readStacks(app({ base, jobs, web }));
    const [, queue] = new Resolver(stacks, hosts).resources('aws_sqs_queue');
    expect(() => queue!.textMap('tags')).toThrow(
      '[jobs/aws_sqs_queue.it.tags] the stack base has no output "nothing", which jobs/data.terraform_remote_state.other reads',
    );
    const onlyWeb = new Resolver([stacks.find(({ name }) => name === 'web')!], hosts);
    expect(() => onlyWeb.output('url')).toThrow(
      'reads the state local terraform.jobs.tfstate, which no stack here writes',
    );
    const all = new Resolver([...stacks].reverse(), hosts);
    expect(all.output('url')).toBe('http://127.0.0.1:4566/000000000000/jobs');
  });

  test('has the defaults of a state that is not here', () => {
    const data = reads('s3', { bucket: 'others', key: 'x' }, { defaults: { url: 'fallback' } });
    const resolver = new Resolver(readStacks(app({ web: { ...web, data } })), hosts);
    expect(resolver.output('url')).toBe('fallback');
  });

  test('has what is not hosted of all stacks in one list', () => {
    const more = (resource: JsonObject): JsonObject => ({ resource });
    const stacks = app({
      base: more({ aws_kms_key: { it: {} }, null_resource: { it: { provisioner: [{}] } } }),
      jobs: more({ aws_kms_key: { it: {} }, time_sleep: { it: {} }, random_id: { it: {} } }),
    });
    expect(unhosted(new Resolver(readStacks(stacks), hosts))).toEqual([
      'aws_kms_key (2)',
      'base/null_resource.it (provisioner)',
    ]);
  });
});
