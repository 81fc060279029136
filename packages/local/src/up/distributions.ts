import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Distribution, edgeCodeProblem, EdgeFunctions } from '../cdn';
import type { DistributionConfig, ObjectSource } from '../cdn';
import type { Reporter } from '../contracts';
import { isLoopbackHost } from '../http';
import type { Resource } from '../synth';
import { distributionConfig } from './distribution-config';
import { hostedAddresses, localized } from './hosted-addresses';
import type { RoomContext, RoomKind } from './rooms';
import { Servers } from './servers';

/** Without buckets nothing is there to be read. */
const NO_OBJECTS: ObjectSource = {
  read: () => Promise.resolve({ status: 404, headers: {}, body: Buffer.alloc(0) }),
};

/** CloudFront: each distribution on a port of its own. */
export const distributions: RoomKind = {
  name: 'cloudfront',
  open(context) {
    const { resolver, clock } = context;
    const declared = resolver.resources('aws_cloudfront_distribution');
    const servers = new Servers(clock);
    const functions = new EdgeFunctions();
    return {
      async start() {
        for (const resource of declared) {
          const port = Number(new URL(resolver.hosts.apiEndpoint(resource.address)).port);
          await servers.listen(serverOf(resource, context, functions), port);
        }
      },
      async stop() {
        await servers.stop();
        await functions.stop();
      },
      banner: () =>
        declared.map((each): [string, string] => [
          'site',
          [
            resolver.hosts.apiEndpoint(each.address),
            ...each.texts('aliases'),
            ...(each.flag('enabled', true) ? [] : ['(disabled)']),
          ].join('  '),
        ]),
    };
  },
};

function serverOf(
  resource: Resource,
  { resolver, offers, reporter }: RoomContext,
  functions: EdgeFunctions,
): Server {
  const addresses = hostedAddresses(resolver);
  const config = distributionConfig(resource, resolver, addresses);
  const name = resource.optionalText('comment') ?? config.id;
  warnOfWhatIsMissing(config, name, reporter);
  const distribution = new Distribution({
    config,
    objects: offers().objects ?? NO_OBJECTS,
    functions,
    localize: (text) => localized(text, addresses),
    onProblem: (text) => reporter.warn('cloudfront', `${name}: ${text}`),
    onLog: (functionName, line) => reporter.event(functionName, line),
  });
  return createServer((request, response) => {
    if (isLoopbackHost(request.headers.host)) void distribution.handle(request, response);
    else response.writeHead(403, { connection: 'close' }).end();
  });
}

/** What would only show in the answers. */
function warnOfWhatIsMissing(config: DistributionConfig, name: string, reporter: Reporter): void {
  const hosts = [...config.origins.values()].flatMap((origin) =>
    origin.kind === 'unknown' ? [origin.host] : [],
  );
  if (hosts.length > 0) {
    reporter.warn(
      'cloudfront',
      `${name}: not hosted here, and answered with 502: ${[...new Set(hosts)].join(', ')}`,
    );
  }
  for (const code of new Set(
    config.behaviors.flatMap(({ onRequest, onResponse }) => [onRequest, onResponse]),
  )) {
    const problem = code && edgeCodeProblem(code);
    if (problem !== undefined) {
      reporter.warn('cloudfront', `${name}: the function ${code!.name} cannot run: ${problem}`);
    }
  }
}
