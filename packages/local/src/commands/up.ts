import type { RequestedPort, UpOptions } from '../up';
import { command, integer, UsageError } from './command';
import { dataOption } from './shared-options';

const MAX_PREWARM = 1000;

export const up = command({
  name: 'up',
  synopsis: '[folder]',
  summary: 'host the stack of the project in the folder (default: here, or above)',
  details: `The stack is synthesized where its sources changed, and then runs until Ctrl-C.

Environment: PORT and AWS_PORT stand for the options; MYSQL_URL=mysql://user:password@host:port[?ca=file.pem] uses that
server instead of a private one; TF_VAR_name sets a variable of Terraform's.
Exit codes: 0 stopped; 1 could not start; 2 wrong usage.`,
  options: {
    port: {
      type: 'string',
      value: '<n>',
      help: 'of the HTTP API (or PORT; default 3000, or the next free one)',
    },
    'aws-port': {
      type: 'string',
      value: '<n>',
      help: 'of the AWS endpoint (or AWS_PORT; default 4566, or the next free one)',
    },
    stage: { type: 'string', value: '<name>', help: 'sets STAGE for the synth' },
    stack: {
      type: 'string',
      multiple: true,
      value: '<name>',
      help: 'only this stack of the app; may be given several times (default: all)',
    },
    fresh: { type: 'boolean', help: 'synthesize even where nothing changed' },
    'no-reload': { type: 'boolean', help: 'keep the code of the start when a handler changes' },
    prewarm: {
      type: 'string',
      value: '<n>',
      help: 'start so many functions before they are called (default: two a processor, as far as memory is free)',
    },
    inspect: {
      type: 'string',
      value: '<function>[=port]',
      help: 'let a debugger attach to the function (default port 9229)',
    },
    ...dataOption,
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [folder = '.'], terminal: { environment } }) {
    const options = {
      folder,
      dataFolder: values.data,
      port: requestedPort([values.port, '--port'], [environment['PORT'], 'PORT']),
      awsPort: requestedPort([values['aws-port'], '--aws-port'], [environment['AWS_PORT'], 'AWS_PORT']),
      stacks: values.stack,
      fresh: values.fresh,
      reload: !values['no-reload'],
      prewarm:
        values.prewarm === undefined ? undefined : integer(values.prewarm, '--prewarm', 0, MAX_PREWARM),
      inspect: inspected(values.inspect),
      environment: values.stage === undefined ? environment : { ...environment, STAGE: values.stage },
    };
    const { runUp } = await import('../run-up');
    await runUp(options);
  },
});

function inspected(given: string | undefined): UpOptions['inspect'] {
  if (given === undefined) {
    return undefined;
  }
  const [, functionName, port = '9229'] = /^([\w-]+)(?:=(\d{1,5}))?$/.exec(given) ?? [];
  if (functionName === undefined || Number(port) > 65535) {
    throw new UsageError(`--inspect is "${given}": it takes the name of a function, and =port if need be`);
  }
  return { functionName, port: Number(port) };
}

function requestedPort(
  ...sources: readonly (readonly [string | undefined, string])[]
): RequestedPort | undefined {
  const given = sources.find(([text]) => text !== undefined && text !== '');
  if (given === undefined) {
    return undefined;
  }
  const [text, by] = given as [string, string];
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw new UsageError(`${by} is "${text}": a port is a number from 0 to 65535 (0: any free one)`);
  }
  return { port: Number(text), by };
}
