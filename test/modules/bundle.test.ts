import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { bundle, prepareBundles } from '../../modules/bundle';
import type { Bundle } from '../../modules/bundle';

const repository = path.resolve(__dirname, '../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Creates a project with its own package.json and the given files, and the repository's packages if asked for. */
function project(name: string, files: Record<string, string>, options: { packages?: boolean } = {}): string {
  const folder = path.join(scratch, name);
  for (const [file, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  if (options.packages) symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

function unzip(of: Bundle): Record<string, string> {
  const entries = Object.entries(unzipSync(readFileSync(of.zipFile)));
  return Object.fromEntries(entries.map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));
}

function load(of: Bundle): { handler: (event: unknown) => unknown } {
  const folder = mkdtempSync(path.join(scratch, 'loaded-'));
  for (const [name, text] of Object.entries(unzip(of))) writeFileSync(path.join(folder, name), text);
  return createRequire(__filename)(path.join(folder, 'index.js')) as ReturnType<typeof load>;
}

const greeter = {
  'handlers/greet.ts': `
    import { greeting } from '../lib/greeting';
    import query from './query.sql';
    export const handler = (event: { name: string }): string => greeting(event.name) + query;`,
  'handlers/query.sql': 'SELECT 1',
  'lib/greeting.ts': 'export const greeting = (name: string): string => `hello ${name}: `;',
};

describe('what is in the zip', () => {
  test('a handler that can be loaded and called, with SQL as text', () => {
    const folder = project('call', greeter);
    const made = bundle(path.join(folder, 'handlers/greet.ts'));
    expect(load(made).handler({ name: 'Ada' })).toBe('hello Ada: SELECT 1');
    expect(Object.keys(unzip(made))).toEqual(['index.js', 'index.js.map']);
  });

  test('sizes are those of the files', () => {
    const made = bundle(path.join(project('sizes', greeter), 'handlers/greet.ts'));
    const files = unzip(made);
    expect(made.bytes).toEqual({
      js: Buffer.byteLength(files['index.js'] ?? ''),
      map: Buffer.byteLength(files['index.js.map'] ?? ''),
      zip: statSync(made.zipFile).size,
    });
  });

  test('the source map names the sources but does not carry them', () => {
    const made = bundle(path.join(project('map', greeter), 'handlers/greet.ts'));
    const map = JSON.parse(unzip(made)['index.js.map'] ?? '') as {
      sources: string[];
      sourcesContent?: unknown;
    };
    expect(map.sources.sort()).toEqual(['handlers/greet.ts', 'handlers/query.sql', 'lib/greeting.ts']);
    expect(map.sourcesContent).toBeUndefined();
    expect(unzip(made)['index.js']).toMatch(/\/\/# sourceMappingURL=index\.js\.map\n$/);
  });

  test('a stack trace points at the TypeScript source', () => {
    const text =
      'interface Event { id: string }\n\nexport const handler = (e: Event) => {\n  throw new Error(e.id);\n};\n';
    const made = bundle(path.join(project('trace', { 'throws.ts': text }), 'throws.ts'));
    const folder = mkdtempSync(path.join(scratch, 'loaded-'));
    for (const [name, contents] of Object.entries(unzip(made)))
      writeFileSync(path.join(folder, name), contents);
    const program = `try { require('./index.js').handler({}) } catch (e) { console.log(e.stack) }`;
    const trace = execFileSync(process.execPath, ['--enable-source-maps', '-e', program], { cwd: folder });
    expect(trace.toString()).toContain('throws.ts:4:9');
  });

  test('everyone may read the files, as Lambda requires', () => {
    const bytes = readFileSync(bundle(path.join(project('mode', greeter), 'handlers/greet.ts')).zipFile);
    const central = bytes.indexOf(Buffer.from('PK\x01\x02'));
    expect(bytes.readUInt32LE(central + 38) >>> 16).toBe(0o100644);
  });
});

describe('the same sources give the same bytes', () => {
  test('in every folder, with packages behind a link or not', () => {
    const files = {
      'a.ts': `import { safeParse, string } from 'valibot';\nexport const handler = (e: unknown) => safeParse(string(), e);`,
    };
    const one = bundle(path.join(project('one', files, { packages: true }), 'a.ts'));
    const other = bundle(path.join(project('deeper/down/other', files, { packages: true }), 'a.ts'));
    expect(other.hash).toBe(one.hash);
    expect(readFileSync(other.zipFile).equals(readFileSync(one.zipFile))).toBe(true);
    expect(JSON.stringify([unzip(one), one.inputs])).not.toContain(repository);
    expect(Object.keys(one.inputs)).toContainEqual(expect.stringMatching(/^node_modules\/valibot\//));
  });

  test('from every current folder and in every time zone', () => {
    const folder = project('zones', greeter);
    const script = path.join(folder, 'make.ts');
    const from = path.join(repository, 'modules/bundle');
    writeFileSync(
      script,
      `import { bundle } from ${JSON.stringify(from)};\nconsole.log(bundle(process.argv[2]!).zipFile);`,
    );
    const inZone = (TZ: string, cwd: string, entry: string): Buffer => {
      rmSync(path.join(folder, '.aws-micro'), { recursive: true, force: true });
      const tsx = path.join(repository, 'node_modules/.bin/tsx');
      const options = { cwd, env: { ...process.env, TZ }, encoding: 'utf8' } as const;
      return readFileSync(execFileSync(tsx, [script, entry], options).trim());
    };
    const east = inZone('Asia/Tokyo', folder, 'handlers/greet.ts');
    const west = inZone('America/Los_Angeles', path.join(folder, 'handlers'), './greet.ts');
    expect(west.equals(east)).toBe(true);
  });

  test('a zip that is there is not written again', () => {
    const entry = path.join(project('cache', greeter), 'handlers/greet.ts');
    const { zipFile, hash } = bundle(entry);
    expect(zipFile).toBe(path.join(scratch, 'cache/.aws-micro/bundles', `${hash}.zip`));
    const before = statSync(zipFile, { bigint: true });
    bundle(entry);
    expect(statSync(zipFile, { bigint: true })).toEqual(before);
    expect(readdirSync(path.dirname(zipFile)).sort()).toEqual([`${hash}.json`, `${hash}.zip`]);
  });
});

describe('beside the zip', () => {
  const recipe = (of: Bundle): string => readFileSync(of.zipFile.replace(/\.zip$/, '.json'), 'utf8');

  test('is what it was made of: the options, and the own files that went in', () => {
    const entry = path.join(project('recipe', greeter, { packages: true }), 'handlers/greet.ts');
    const made = bundle(entry, { define: { STAGE: '"dev"' }, alias: { 'iconv-lite': './lib/greeting.ts' } });
    expect(JSON.parse(recipe(made))).toMatchObject({
      options: {
        entryPoints: ['handlers/greet.ts'],
        define: { STAGE: '"dev"' },
        alias: { 'iconv-lite': './lib/greeting.ts' },
        loader: { '.sql': 'text' },
        minify: true,
      },
      inputs: ['handlers/greet.ts', 'handlers/query.sql', 'lib/greeting.ts'],
    });
  });

  test('it is the same in every folder', () => {
    const [one, other] = ['here', 'there/deep'].map((name) =>
      recipe(bundle(path.join(project(name, greeter, { packages: true }), 'handlers/greet.ts'))),
    );
    expect(other).toBe(one);
    expect(one).not.toContain(scratch);
  });
});

describe('prepared together', () => {
  const other = `
    import { greeting } from '../lib/greeting';
    import { string } from 'valibot';
    export const handler = () => [greeting('you'), string().type, globalThis.injected];`;
  const files = {
    ...greeter,
    'handlers/other.ts': other,
    'lib/inject.ts': `import { greeting } from './greeting'; Object.assign(globalThis, { injected: greeting('') });`,
  };
  const entriesOf = (name: string, more: Record<string, string> = {}): string[] => {
    const folder = project(name, { ...files, ...more }, { packages: true });
    return ['handlers/greet.ts', 'handlers/other.ts'].map((file) => path.join(folder, file));
  };
  const contents = ({ zipFile, inputs, packages }: Bundle): unknown => [
    readFileSync(zipFile),
    JSON.parse(readFileSync(zipFile.replace(/\.zip$/, '.json'), 'utf8')),
    inputs,
    packages,
  ];

  test.each([{}, { inject: ['./lib/inject.ts'] }])('they are as made alone, with %j', (options) => {
    const id = Object.keys(options).join();
    const alone = entriesOf(`alone-${id}`).map((entry) => contents(bundle(entry, options)));
    const entries = entriesOf(`together-${id}`);
    prepareBundles(entries, options);
    expect(entries.map((entry) => contents(bundle(entry, options)))).toEqual(alone);
  });

  test('each serves one call, with the same options', () => {
    const [greet = ''] = entriesOf('once');
    prepareBundles([greet]);
    const before = readFileSync(greet, 'utf8');
    writeFileSync(greet, before.replace('event.name', '"edited"'));
    const edited = /hello edited/;
    const text = (options?: object) => load(bundle(greet, options)).handler({ name: 'Ada' });
    expect(text({ define: { A: '1' } })).toMatch(edited);
    expect(text()).not.toMatch(edited);
    expect(text()).toMatch(edited);
  });

  test('where one does not compile, the others are made, and it says so itself', () => {
    const [greet = '', broken = ''] = entriesOf('broken', { 'handlers/other.ts': `import './missing';` });
    prepareBundles([greet, broken]);
    expect(load(bundle(greet)).handler({ name: 'Ada' })).toBe('hello Ada: SELECT 1');
    expect(() => bundle(broken)).toThrow(/cannot bundle handlers\/other.ts: .*missing/);
  });
});

describe('the hash', () => {
  const hashOf = (name: string, files: Record<string, string>, entry = 'a.ts'): string =>
    bundle(path.join(project(name, files), entry)).hash;
  const text = 'export const handler = () => 1;';
  const original = hashOf('original', { 'a.ts': text });

  test('changes with the contents', () => {
    expect(hashOf('edited', { 'a.ts': 'export const handler = () => 2;' })).not.toBe(original);
  });

  test('changes with the names of the files', () => {
    expect(hashOf('renamed', { 'b.ts': text }, 'b.ts')).not.toBe(original);
  });

  test('does not change with files that are not imported', () => {
    expect(hashOf('unrelated', { 'a.ts': text, 'b.ts': 'export const other = 1;' })).toBe(original);
  });
});

describe('what went in', () => {
  test('packages that are used are named, types and unused exports are not', () => {
    const files = {
      'a.ts': `
        import type { SQSClient } from '@aws-sdk/client-sqs';
        import { string } from 'valibot';
        import { unused } from './unused';
        export const handler = (client?: SQSClient) => [client, string()];`,
      'unused.ts': 'export const unused = 1;',
    };
    const made = bundle(path.join(project('inputs', files, { packages: true }), 'a.ts'));
    expect(made.packages).toEqual(['valibot']);
    expect(Object.keys(made.inputs)).toContain('a.ts');
    expect(Object.keys(made.inputs)).not.toContain('unused.ts');
    expect(made.inputs['a.ts']).toBeGreaterThan(0);
  });

  test('an AWS client is named', () => {
    const files = {
      'a.ts': `import { SNSClient } from '@aws-sdk/client-sns';\nexport const handler = () => new SNSClient({});`,
    };
    const made = bundle(path.join(project('client', files, { packages: true }), 'a.ts'));
    expect(made.packages).toContain('@aws-sdk/client-sns');
    expect(made.packages).not.toContain('@aws-sdk/client-sqs');
  });
});

describe('options', () => {
  const handler = {
    'a.ts': `import big from 'big';\nexport const handler = () => [big, NAME, globalThis.injected];`,
  };

  test('alias, define and inject', () => {
    const folder = project('options', {
      ...handler,
      'stubs/big.ts': `export default 'small';`,
      'inject.ts': 'Object.assign(globalThis, { injected: 7 });',
    });
    const made = bundle(path.join(folder, 'a.ts'), {
      alias: { big: './stubs/big.ts' },
      define: { NAME: '"defined"' },
      inject: ['./inject.ts'],
    });
    expect(load(made).handler({})).toEqual(['small', 'defined', 7]);
    expect(made.packages).toEqual([]);
  });

  test("mainFields decides which of a package's files is taken", () => {
    const folder = project('main-fields', {
      'a.ts': `import { kind } from 'both';\nexport const handler = () => kind;`,
      'node_modules/both/package.json': '{ "main": "./cjs.js", "module": "./esm.js" }',
      'node_modules/both/cjs.js': `exports.kind = 'CommonJS';`,
      'node_modules/both/esm.js': `export const kind = 'ES module';`,
    });
    const kindWith = (mainFields?: string[]): unknown =>
      load(bundle(path.join(folder, 'a.ts'), { mainFields })).handler({});
    expect([kindWith(), kindWith(['module', 'main'])]).toEqual(['CommonJS', 'ES module']);
  });

  test('external packages stay out, further loaders are added to SQL', () => {
    const folder = project('external', {
      'a.ts': `import os from 'node:os'; import big from 'big'; import pem from './ca.pem'; import sql from './q.sql';
        export const handler = () => [os.EOL, big, pem, sql];`,
      'ca.pem': 'PEM',
      'q.sql': 'SELECT 2',
    });
    const made = bundle(path.join(folder, 'a.ts'), { external: ['big'], loader: { '.pem': 'text' } });
    expect(unzip(made)['index.js']).toMatch(/require\("big"\)/);
    expect(unzip(made)['index.js']).toMatch(/"PEM"[^]*"SELECT 2"/);
  });
});

describe('errors are one line that names the entry', () => {
  const failure = (name: string, text: string): string => {
    try {
      bundle(path.join(project(name, { 'handlers/a.ts': text }), 'handlers/a.ts'));
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };

  test('a package that is not there', () => {
    expect(failure('missing', `import 'nowhere';\nimport 'nor-here';`)).toBe(
      'cannot bundle handlers/a.ts: handlers/a.ts:1:8: Could not resolve "nowhere"',
    );
  });

  test('a syntax error', () => {
    expect(failure('syntax', 'export const handler = ;')).toBe(
      'cannot bundle handlers/a.ts: handlers/a.ts:1:24: Unexpected ";"',
    );
  });

  test('a file that is not there', () => {
    expect(() => bundle('/nowhere/handler.ts')).toThrow(
      'cannot bundle /nowhere/handler.ts: there is no such file',
    );
  });

  test('a file outside any project', () => {
    const file = path.join(scratch, 'stray.ts');
    writeFileSync(file, 'export const handler = () => 1;');
    expect(() => bundle(file)).toThrow(/no package\.json in a folder above it/);
  });
});
