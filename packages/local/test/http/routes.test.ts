import type { RouteConfig } from '../../src/http/config';
import { RouteTable } from '../../src/http/routes';

function table(...routeKeys: string[]) {
  const routes = routeKeys.map((routeKey): RouteConfig => ({
    routeKey,
    functionArn: 'f',
    authorization: 'NONE',
    timeoutMs: 1,
  }));
  return (line: string) => {
    const [method, path] = line.split(' ') as [string, string];
    const match = new RouteTable(routes).match(method, path);
    return match && [match.route.routeKey, match.pathParameters];
  };
}

const pets = table(
  '$default',
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/dog/{id}',
  'ANY /pets/dog/{any}',
  'GET /pets/dog/1',
  'GET /pets/{kind}/1',
);

test.each([
  ['GET /pets/dog/1', 'GET /pets/dog/1', undefined],
  ['GET /pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['POST /pets/dog/2', 'ANY /pets/dog/{any}', { any: '2' }],
  ['GET /pets/cat/1', 'GET /pets/{kind}/1', { kind: 'cat' }],
  ['GET /pets/cat/2', 'GET /pets/{proxy+}', { proxy: 'cat/2' }],
  ['GET /pets/dog/1/2', 'GET /pets/{proxy+}', { proxy: 'dog/1/2' }],
  ['POST /pets/cat', 'ANY /{proxy+}', { proxy: 'pets/cat' }],
  ['GET /', '$default', undefined],
  ['GET /pets/dog/a%20b%2Fc', 'GET /pets/dog/{id}', { id: 'a b/c' }],
])('%s -> %s', (line, routeKey, parameters) => {
  expect(pets(line)).toEqual([routeKey, parameters]);
});

test('without a match there is none', () => {
  const messages = table('POST /messages', 'GET /messages/{id}');
  expect(messages('GET /messages')).toBeUndefined();
  expect(messages('GET /messages/')).toBeUndefined();
  expect(messages('GET /messages/1/2')).toBeUndefined();
  expect(messages('GET /Messages/1')).toBeUndefined();
});

test('a broken encoding is refused', () => {
  expect(() => pets('GET /pets/dog/%zz')).toThrow(URIError);
});
