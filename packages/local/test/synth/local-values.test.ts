import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import type { JsonObject } from '../../src/synth';
import { Resolver } from '../../src/synth';
import { hosts, resolverOf, stackOf } from './support';

const folder = mkdtempSync(join(tmpdir(), 'values-'));
mkdirSync(join(folder, 'code', 'lib'), { recursive: true });
mkdirSync(join(folder, 'code', 'test'));
writeFileSync(join(folder, 'code', 'index.js'), 'one');
writeFileSync(join(folder, 'code', 'lib', 'two.js'), 'two');
writeFileSync(join(folder, 'code', 'test', 'x.js'), '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('archive_file', () => {
  const archives = (archive_file: Record<string, JsonObject>) =>
    resolverOf({}, { folder, data: { archive_file } });
  const contents = (resolver: Resolver, path: string) =>
    Object.fromEntries(
      Object.entries(unzipSync(resolver.archives.at(join(folder, path))!.bytes)).map(([name, bytes]) => [
        name,
        strFromU8(bytes),
      ]),
    );

  test('holds a file, a folder without what is excluded, or texts, and is written nowhere', () => {
    const resolver = archives({
      file: { type: 'zip', source_file: 'code/index.js', output_path: 'a.zip' },
      folder: {
        type: 'zip',
        source_dir: '${path.module}/code',
        output_path: 'b.zip',
        excludes: ['test', '*.md'],
      },
      texts: {
        for_each: { x: 'X' },
        type: 'zip',
        output_path: 'out/${each.key}.zip',
        source: [{ filename: 'a/b.txt', content: '${each.value}' }],
      },
      text: { type: 'zip', source_content: 'c', source_content_filename: 'c.txt', output_path: 'c.zip' },
    });
    expect(contents(resolver, 'a.zip')).toEqual({ 'index.js': 'one' });
    expect(contents(resolver, 'b.zip')).toEqual({ 'index.js': 'one', 'lib/two.js': 'two' });
    expect(contents(resolver, 'out/x.zip')).toEqual({ 'a/b.txt': 'X' });
    expect(contents(resolver, 'c.zip')).toEqual({ 'c.txt': 'c' });
    expect(resolver.archives.at(join(folder, 'd.zip'))).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['code']);
  });

  test('has the same hashes for the same content, whenever it was written, and others for another', () => {
    const hash = () =>
      archives({ a: { type: 'zip', source_dir: 'code', output_path: 'a.zip' } }).value(
        '${data.archive_file.a.output_base64sha256} ${filebase64sha256(data.archive_file.a.output_path)}',
      ) as string;
    const [own, read] = hash().split(' ');
    expect(own).toBe(read);
    utimesSync(join(folder, 'code', 'index.js'), 1, 1);
    expect(hash()).toBe(`${own} ${own}`);
    writeFileSync(join(folder, 'code', 'index.js'), 'changed');
    expect(hash()).not.toContain(own);
  });

  test('whose source is missing says so', () => {
    const resolver = archives({ a: { type: 'zip', source_dir: 'none', output_path: 'a.zip' } });
    expect(() => resolver.value('${data.archive_file.a.output_md5}')).toThrow(
      `data.archive_file.a: the folder ${join(folder, 'none')} cannot be read`,
    );
  });
});

describe('random values', () => {
  const resources = {
    random_id: { i: { byte_length: 4, prefix: 'p-' } },
    random_string: { s: { length: 12, special: false, upper: false, min_numeric: 3 } },
    random_password: { p: { length: 40 } },
    random_pet: { a: { length: 3, separator: '_' } },
    random_uuid: { u: {} },
    random_integer: { n: { min: 5, max: 7 } },
    random_shuffle: { l: { input: ['a', 'b', 'c'], result_count: 2 } },
  };
  const all =
    '${random_id.i.hex} ${random_id.i.dec} ${random_string.s.result} ${random_password.p.result} ' +
    '${random_pet.a.id} ${random_uuid.u.result} ${random_integer.n.result} ${join("", random_shuffle.l.result)}';
  const values = (seed: string, more: Record<string, Record<string, JsonObject>> = {}) =>
    new Resolver(stackOf({ resources: { ...resources, ...more } }), { ...hosts, seed }).value(all) as string;

  test('have the form that is asked for', () => {
    const [hex, dec, text, password, pet, uuid, integer, shuffled] = values('one').split(' ');
    expect(hex).toMatch(/^p-[0-9a-f]{8}$/);
    expect(dec).toBe(`p-${parseInt(hex!.slice(2), 16)}`);
    expect(text).toMatch(/^[a-z0-9]{12}$/);
    expect(text!.replace(/\D/g, '').length).toBeGreaterThanOrEqual(3);
    expect(password).toHaveLength(40);
    expect(pet).toMatch(/^[a-z]+_[a-z]+_[a-z]+$/);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number(integer)).toBeGreaterThanOrEqual(5);
    expect(Number(integer)).toBeLessThanOrEqual(7);
    expect(shuffled).toMatch(/^[abc]{2}$/);
  });

  test('stay the same in a data folder, and change with it and with their keepers', () => {
    expect(values('one')).toBe(values('one'));
    expect(values('one')).not.toBe(values('two'));
    const kept = values('one', { random_uuid: { u: { keepers: { v: '2' } } } });
    expect(kept).not.toBe(values('one'));
    expect(kept.split(' ')[0]).toBe(values('one').split(' ')[0]);
  });
});

test('data sources find the resources of the stacks, and answer what has one answer', () => {
  const resolver = resolverOf(
    {
      aws_ssm_parameter: { p: { name: '/a/b', type: 'SecureString', value: 'secret' } },
      aws_sqs_queue: { q: { name: 'jobs' } },
    },
    {
      folder,
      data: {
        aws_ssm_parameter: { p: { name: '/a/b' }, none: { name: '/c' } },
        aws_sqs_queue: { q: { name: 'jobs' } },
        aws_iam_role: { outside: { name: 'company' } },
        aws_arn: { a: { arn: 'arn:aws:sns:eu-west-1:1:topic:x' } },
        local_file: { f: { filename: 'code/lib/two.js' } },
        template_file: { t: { template: 'Hello $${name}', vars: { name: 'you' } } },
      },
    },
  );
  expect(resolver.value('${data.aws_ssm_parameter.p.value} ${data.aws_ssm_parameter.p.type}')).toBe(
    'secret SecureString',
  );
  expect(resolver.value('${aws_ssm_parameter.p.arn}')).toBe(
    'arn:aws:ssm:eu-west-1:000000000000:parameter/a/b',
  );
  expect(() => resolver.value('${data.aws_ssm_parameter.none.value}')).toThrow(
    'data.aws_ssm_parameter.none.value has no value without AWS',
  );
  expect(resolver.value('${data.aws_sqs_queue.q.url}')).toBe('http://127.0.0.1:4566/000000000000/jobs');
  expect(resolver.value('${data.aws_iam_role.outside.arn}')).toBe('arn:aws:iam::000000000000:role/company');
  expect(resolver.value('${data.aws_arn.a.service} ${data.aws_arn.a.resource}')).toBe('sns topic:x');
  expect(resolver.value('${data.local_file.f.content}')).toBe('two');
  expect(resolver.value('${data.template_file.t.rendered}')).toBe('Hello you');
});
