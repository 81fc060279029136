import { banner, type BannerOptions } from '../../src/up/banner';
import { wrapped } from '../../src/up/wrapped';

type Api = BannerOptions['apis'][number];
type Route = Api['config']['routes'][number];

const URL = 'http://127.0.0.1:3000';

function api(routes: readonly (string | [string, Route['authorization']])[]): Api {
  const described = routes.map((route): Route => {
    const [routeKey, authorization] = typeof route === 'string' ? [route, 'NONE' as const] : route;
    return { routeKey, authorization, functionArn: '' };
  });
  const config = { kind: 'http', address: 'a.b', name: 'b', basePath: '', routes: described } as const;
  return { config, url: URL };
}

function lines(given: Partial<BannerOptions> = {}): string[] {
  return banner({
    stacks: ['shop-dev'],
    region: 'us-east-1',
    seconds: 1,
    apis: [],
    awsEndpoint: 'http://127.0.0.1:4566',
    database: undefined,
    functions: [],
    more: [],
    unhosted: [],
    dataFolder: '/data',
    ...given,
  });
}

/** The last line but one: what to try. */
const example = (...routes: Parameters<typeof api>[0]) => lines({ apis: [api(routes)] }).at(-2);
const names = (count: number, prefix = 'shop-dev-') =>
  Array.from({ length: count }, (_, index) => `${prefix}function-${index}`);

describe('what is hosted', () => {
  test('few routes and functions stand on a line each', () => {
    const told = lines({ apis: [api(['GET /a', 'POST /b'])], functions: names(2) });
    expect(told).toContain(`  API        ${URL}  GET /a, POST /b`);
    expect(told).toContain('  functions  shop-dev-function-0, shop-dev-function-1');
  });

  test('many functions are counted, and told without the name of their stack', () => {
    const told = lines({ functions: names(9), columns: 60 });
    const at = told.indexOf('  functions  9, each shop-dev-...:');
    expect(told.slice(at + 1, at + 5)).toEqual([
      '             function-0, function-1, function-2, function-3,',
      '             function-4, function-5, function-6, function-7,',
      '             function-8',
      '  data       /data',
    ]);
  });

  test('functions of other names keep them', () => {
    const told = lines({ functions: [...names(9), 'other'] });
    expect(told).toContain('  functions  10:');
    expect(told.join('\n')).toContain('shop-dev-function-8, other');
  });

  test('many routes are counted, with the methods of each path together', () => {
    const paths = [...Array.from({ length: 8 }, (_, index) => `GET /path-${index}`), 'GET /a', 'DELETE /a'];
    const told = lines({ apis: [api(paths)] });
    const at = told.indexOf(`  API        ${URL}  10 routes:`);
    expect(told[at + 1]).toMatch(/^ {13}DELETE GET \/a, GET \/path-0, /);
  });

  test('few routes go on below the address where the terminal ends', () => {
    const told = lines({ apis: [api(['GET /a-long-path', 'POST /another-path'])], columns: 60 });
    const at = told.indexOf(`  API        ${URL}  GET /a-long-path,`);
    expect(told[at + 1]).toBe('             POST /another-path');
  });

  test('a default route has no path', () => {
    expect(lines({ apis: [api(['$default'])] })).toContain(`  API        ${URL}  $default`);
  });

  test('no list is wider than the terminal; what is to be copied is whole', () => {
    const more = [['tables', names(30).join(', ')]] as const;
    const routes = Array.from({ length: 30 }, (_, index) => `GET /path-${index}`);
    const told = lines({ apis: [api(routes)], functions: names(30), more, unhosted: names(30), columns: 70 });
    expect(told.filter((line) => line.length > 70)).toEqual([
      expect.stringMatching(/^ {2}AWS +export AWS_ENDPOINT_URL=.* AWS_SECRET_ACCESS_KEY=test$/),
    ]);
  });
});

describe('the example', () => {
  test.each([
    ['one that needs no body', ['POST /a', 'GET /b/{id}', 'GET /b'], `curl ${URL}/b`],
    [
      'a body where every route takes one',
      ['POST /a'],
      `curl -X POST ${URL}/a -H 'content-type: application/json' -d '{}'`,
    ],
    ['any method', ['ANY /a'], `curl ${URL}/a`],
    [
      'a signed request',
      [['GET /a', 'AWS_IAM']],
      `curl ${URL}/a --aws-sigv4 aws:amz:us-east-1:execute-api -u test:test`,
    ],
    [
      'one without a token before one that needs it',
      [['GET /a', 'JWT'], 'POST /b'],
      `curl -X POST ${URL}/b -H 'content-type: application/json' -d '{}'`,
    ],
    ['a place for the token', [['GET /a', 'CUSTOM']], `curl ${URL}/a -H 'authorization: ...'`],
  ] as [string, Parameters<typeof api>[0], string][])('is %s', (_, routes, command) => {
    expect(example(...routes)).toBe(`  ${command}`);
  });

  test('is left out where every path has parameters', () => {
    expect(lines({ apis: [api(['GET /a/{id}'])] }).at(-2)).toBe('  data       /data');
  });
});

test('a part longer than the line has one of its own', () => {
  expect(wrapped(['a', 'much-too-long', 'b', 'c'], 5)).toEqual(['a,', 'much-too-long,', 'b, c']);
});
