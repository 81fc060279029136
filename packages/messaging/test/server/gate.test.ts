import { Hosts, isLoopbackAddress, isLoopbackHost } from '../../src/server/gate/hosts';
import { RateLimiter } from '../../src/server/gate/rate-limit';
import { bearerToken, randomToken, TokenStore } from '../../src/server/gate/tokens';

const rules = { host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] };

describe('hosts', () => {
  const local = new Hosts(rules);

  test.each([
    'localhost',
    'localhost:4600',
    '127.0.0.1:4600',
    '127.9.9.9',
    '[::1]:4600',
    'LOCALHOST',
    'a.localhost',
  ])('a server on loopback answers to %s', (host) => expect(local.allowsHost(host)).toBe(true));

  test.each([
    undefined,
    '',
    'evil.example',
    'evil.example:4600',
    'localhost.evil.example',
    'evil.example#localhost',
    'evil@localhost',
    '127.0.0.1.evil.example',
    '192.168.1.7',
    'localhost:4600:1',
  ])('and not to %s', (host) => expect(local.allowsHost(host)).toBe(false));

  test('elsewhere it answers to addresses, and to names that are configured', () => {
    const open = new Hosts({ ...rules, host: '0.0.0.0', allowedHosts: ['api.example'] });
    for (const host of ['10.1.2.3:4600', '[fd00::1]:4600', 'API.example', 'localhost']) {
      expect(open.allowsHost(host)).toBe(true);
    }
    expect(open.allowsHost('evil.example')).toBe(false);
    expect(new Hosts({ ...rules, allowedHosts: ['*'] }).allowsHost('any.example')).toBe(true);
  });

  test('pages may call their own server, and others that name them', () => {
    const open = new Hosts({ ...rules, allowedOrigins: ['https://console.example'] });
    expect(open.allowsOrigin(undefined, 'localhost:4600')).toBe(true);
    expect(open.allowsOrigin('http://localhost:4600', 'localhost:4600')).toBe(true);
    expect(open.allowsOrigin('https://console.example', 'localhost:4600')).toBe(true);
    for (const origin of ['http://localhost:3000', 'https://evil.example', 'null', 'nonsense']) {
      expect(open.allowsOrigin(origin, 'localhost:4600')).toBe(false);
    }
    expect(open.isAllowedOrigin('http://localhost:4600')).toBe(false);
  });

  test('what this machine is', () => {
    expect(['127.0.0.1', '::1', '[::1]', 'localhost'].every(isLoopbackHost)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example'].some(isLoopbackHost)).toBe(false);
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].every(isLoopbackAddress)).toBe(true);
    expect([undefined, '10.0.0.1', '::ffff:10.0.0.1', '::2'].some(isLoopbackAddress)).toBe(false);
  });
});

describe('tokens', () => {
  const store = new TokenStore([
    { name: 'ops', scope: 'admin', token: 'the-token-of-operations' },
    { name: 'ci', scope: 'read', token: 'the-token-of-ci-builds' },
  ]);

  test('are found whole only', () => {
    expect(store.find('the-token-of-operations')).toEqual({ name: 'ops', scope: 'admin' });
    expect(store.find('the-token-of-ci-builds')).toEqual({ name: 'ci', scope: 'read' });
    for (const other of ['', 'the-token-of-operation', 'the-token-of-operations2']) {
      expect(store.find(other)).toBeUndefined();
    }
  });

  test('are not kept', () => {
    const all = (value: unknown): string[] =>
      Buffer.isBuffer(value)
        ? [value.toString('latin1')]
        : typeof value === 'object' && value !== null
          ? Object.values(value).flatMap(all)
          : [String(value)];
    expect(all(store).join(' ')).toContain('ops');
    expect(all(store).join(' ')).not.toContain('the-token');
  });

  test('come in the header of RFC 6750', () => {
    expect(bearerToken('Bearer abc')).toBe('abc');
    expect(bearerToken('bearer   abc ')).toBe('abc');
    for (const other of [undefined, '', 'Bearer', 'Basic abc', 'Bearer a b', 'xBearer abc']) {
      expect(bearerToken(other)).toBeUndefined();
    }
    expect(randomToken()).toMatch(/^[\w-]{32}$/);
    expect(randomToken()).not.toBe(randomToken());
  });
});

describe('rate limit', () => {
  let now = 0;
  const limiter = () => new RateLimiter(10, 3, () => now);

  test('a burst, then so many a second', () => {
    const limit = limiter();
    expect(limit.policy).toBe('"default";q=3;w=1');
    expect([1, 2, 3].map(() => limit.take('a').remaining)).toEqual([2, 1, 0]);
    expect(limit.take('a')).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 1 });
    expect(limit.take('b').allowed).toBe(true);
    now += 100;
    expect([limit.take('a').allowed, limit.take('a').allowed]).toEqual([true, false]);
    now += 10_000;
    expect([1, 2, 3, 4].map(() => limit.take('a').allowed)).toEqual([true, true, true, false]);
  });

  test('who asks on is not let wait longer for it', () => {
    const limit = limiter();
    for (let count = 0; count < 50; count++) limit.take('a');
    now += 100;
    expect(limit.take('a').allowed).toBe(true);
  });

  test('remembers no more than ten thousand', () => {
    const limit = limiter();
    for (let count = 0; count < 3; count++) limit.take('first');
    for (let count = 0; count < 10_001; count++) limit.take(`address ${count}`);
    expect((limit as unknown as { buckets: Map<string, unknown> }).buckets.size).toBe(10_000);
  });
});
