import { DEFAULT_FILE } from './load';
import { keys } from './keys';
import type { Key } from './keys';

const NAME_WIDTH = 22;

/** The help of the command. @param name as it was called: `aws-micro serve` */
export function serverHelp(name: string): string {
  const options = keys.filter((key) => key.option !== undefined);
  const secrets = keys.filter((key) => key.option === undefined);
  return `${name} [options]

Serve queues, topics and alarms by REST, event streams and metrics.

Options:
${row('--config <file>', `keys as JSON (default: ${DEFAULT_FILE} where it is)`)}
${row('--env <name>', 'one of the environments in that file')}
${options.map(optionRow).join('\n')}
${row('-h, --help', 'this text')}
${row('-v, --version', 'the version')}

Each option is also a key of the file, and a variable: --rate-limit-burst is rateLimit.burst and
AWS_MICRO_RATE_LIMIT_BURST; --profile is credentials.profile. An option beats a variable, a variable the file. What is
true or false is turned off by --no-. Variables without an option, because others see the arguments of a process:
${secrets.map((key) => row(key.variable, key.help)).join('\n')}
AWS_MICRO_CONFIG and AWS_MICRO_ENV stand for --config and --env; AWS_ENDPOINT_URL, AWS_REGION and HTTPS_PROXY count as well.

Without tokens it listens on loopback only, and prints one. Where it talks to AWS itself it only reads, until
--allow-writes is given. SIGTERM or Ctrl-C lets requests finish.
Exit codes: 0 stopped; 1 could not start; 2 wrong usage.`;
}

function optionRow({ option, kind, help, traits }: Key): string {
  const written = kind === 'flag' ? `--[no-]${option}` : `--${option} ${traits.value}`;
  return row(written, help);
}

function row(name: string, text: string): string {
  const gap =
    name.length > NAME_WIDTH ? `\n${' '.repeat(NAME_WIDTH + 4)}` : ' '.repeat(NAME_WIDTH + 2 - name.length);
  return `  ${name}${gap}${text}`;
}
