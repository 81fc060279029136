import { MANAGED_HEADERS_POLICIES } from '../../src/cdn';
import { withPolicy } from '../../src/cdn/headers-policy';
import type { CorsPolicy } from '../../src/cdn/headers-policy';

const CORS: CorsPolicy = {
  origins: ['https://shop.example', 'https://*.trusted.example'],
  methods: ['GET', 'POST'],
  headers: ['content-type'],
  exposed: ['etag'],
  credentials: true,
  maxAgeSeconds: 600,
  override: false,
};
const get = (origin?: string) => ({ method: 'GET', headers: { origin } });
const cors = (changes: Partial<CorsPolicy> = {}) => ({ remove: [], set: [], cors: { ...CORS, ...changes } });

describe('response headers policies', () => {
  it('set headers, over those of the origin only where they say so, and remove others', () => {
    const policy = {
      remove: ['server'],
      set: [
        { name: 'x-a', value: 'policy', override: true },
        { name: 'x-b', value: 'policy', override: false },
        { name: 'x-c', value: 'policy', override: false },
      ],
    };
    const origin = { server: 'x', 'x-a': 'origin', 'x-b': 'origin' };
    expect(withPolicy(policy, origin, get())).toEqual({ 'x-a': 'policy', 'x-b': 'origin', 'x-c': 'policy' });
  });

  it.each([
    ['an origin that is listed', 'https://shop.example'],
    ['one below a name', 'https://a.trusted.example'],
  ])('let in %s', (_what, origin) => {
    expect(withPolicy(cors(), { vary: 'Accept-Encoding' }, get(origin))).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'etag',
      vary: 'Accept-Encoding, Origin',
    });
  });

  it.each([undefined, 'https://evil.example', 'https://shop.example.evil.org', 'https://trusted.example'])(
    'say nothing to %s',
    (origin) => {
      expect(withPolicy(cors(), {}, get(origin))).toEqual({});
    },
  );

  it('answer preflights', () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    expect(withPolicy(cors(), {}, { method: 'OPTIONS', headers })).toMatchObject({
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    });
    expect(withPolicy(cors(), {}, get('https://shop.example'))).not.toHaveProperty(
      'access-control-allow-methods',
    );
  });

  it('leave what the origin answers, or replace all of it', () => {
    const origin = { 'access-control-allow-origin': '*', 'access-control-max-age': '5' };
    const asked = get('https://shop.example');
    expect(withPolicy(cors(), origin, asked)).toEqual(origin);
    const replaced = withPolicy(cors({ override: true }), origin, asked);
    expect(replaced['access-control-allow-origin']).toBe('https://shop.example');
    expect(replaced).not.toHaveProperty('access-control-max-age');
  });

  it('are ready-made too', () => {
    const simple = MANAGED_HEADERS_POLICIES['60669652-455b-4ae9-85a4-c4c02393f86c']!;
    expect(withPolicy(simple, {}, get('https://any.example'))).toEqual({
      'access-control-allow-origin': '*',
    });
  });
});
