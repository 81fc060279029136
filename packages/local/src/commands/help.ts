import type { Command, Option } from './command';

/** Columns of the names. */
const NAME_WIDTH = 22;

/** The overview of all commands. */
export function overview(commands: readonly Command[]): string {
  return `Runs a synthesized CDKTF or Terraform-JSON stack on this machine, and works with its topics, queues and APIs.

Commands:
${commands.map(({ name, summary }) => row(name, summary)).join('\n')}
${row('help <command>', 'the options of a command (or: aws-micro <command> --help)')}
${row('--version', 'the version')}

Environment: MYSQL_URL=mysql://user:password@host:port[?ca=file.pem] uses that server instead of a private one.
Exit codes: 0 done or stopped, 1 failed, 2 wrong usage, 130 ended by Ctrl-C before it was done.`;
}

/** A command's own help. */
export function commandHelp({ name, synopsis, summary, details, options }: Command): string {
  const rows = Object.entries(options).map(([option, definition]) =>
    row(optionName(option, definition), definition.help),
  );
  return [
    `aws-micro ${`${name} ${synopsis}`.trim()}`,
    '',
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    '',
    'Options:',
    ...rows,
    row('-h, --help', 'this text'),
    ...(details === undefined ? [] : ['', details]),
  ].join('\n');
}

function optionName(name: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function row(name: string, text: string): string {
  const gap =
    name.length > NAME_WIDTH ? `\n${' '.repeat(NAME_WIDTH + 4)}` : ' '.repeat(NAME_WIDTH + 2 - name.length);
  return `  ${name}${gap}${text}`;
}
