import { normalizedPath, pathMatches, targetOf } from '../../src/cdn/paths';

describe('paths of requests', () => {
  it.each([
    ['/a/b?c=1&d', '/a/b', 'c=1&d'],
    ['//evil.example/x', '//evil.example/x', ''],
    ['http://other.example/a?b', '/a', 'b'],
    ['http://other.example', '/', ''],
  ])('reads %s', (url, path, query) => {
    expect(targetOf(url)).toEqual({ path, query });
  });

  it.each([
    ['/', '/'],
    ['/a/b/../c', '/a/c'],
    ['/a//b', '/a/b'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/%2e%2e/books', '/books'],
    ['/%62ooks', '/books'],
    ['/a%2fb', '/a%2Fb'],
    ['/a/./', '/a/'],
    ['/a/..', '/'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/%', undefined],
    ['/%zz', undefined],
  ])('finds the behaviour of %s by %s', (path, expected) => {
    expect(normalizedPath(path)).toBe(expected);
  });
});

describe('path patterns', () => {
  it.each([
    ['/books*', '/books', true],
    ['/books*', '/books/order/1', true],
    ['/books*', '/Books', false],
    ['/books*', '/x/books', false],
    ['books/*', '/books/1', true],
    ['*.jpg', '/a/b.jpg', true],
    ['*.jpg', '/a/b.jpg.txt', false],
    ['/a?c', '/abc', true],
    ['/a?c', '/ac', false],
    ['/a.c', '/abc', false],
    ['*', '/anything', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(pathMatches(pattern, path)).toBe(expected);
  });
});
