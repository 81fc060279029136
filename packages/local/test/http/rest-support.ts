import type { RestMethod, RestResource } from '../../src/http/rest/config';

/** A method of the function `f`, that anyone may call. */
export const method = (name: string, change: Partial<RestMethod> = {}): RestMethod => ({
  method: name,
  authorization: 'NONE',
  apiKeyRequired: false,
  timeoutMs: 29_000,
  integration: { kind: 'proxy', functionArn: 'f' },
  ...change,
});

export const resource = (path: string, ...methods: readonly RestMethod[]): RestResource => ({
  id: `id-of-${path}`,
  path,
  routeKey: `ANY ${path}`,
  methods,
});
