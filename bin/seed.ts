/** `npm run seed`: puts books into the shop's catalogue. See `--help`. */
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Books } from '../handlers/books/books';
import { AwsError } from '../handlers/shared/aws-error';
import { UserError } from '../packages/local/src/errors';
import { onTarget, TARGET_DETAILS } from '../packages/local/src/commands/target';
import type { Target } from '../packages/local/src/commands/target';
import { Terminal } from '../packages/local/src/commands/terminal';
import { BOOKS } from './seed/books';

const usage = `Usage: npm run seed -- [options]

Puts ${BOOKS.length} books into the catalogue of the book shop. A book that is there already stays as it is, so that a second run
changes nothing.

  --stage NAME          whose table: aws-micro-NAME-books (default: $STAGE, or dev)
  --table NAME          the table, where it has another name
  --profile NAME        work on AWS, with this profile of ~/.aws
  --region NAME         work on AWS, in this region
  --endpoint-url URL    work on this endpoint (or AWS_ENDPOINT_URL)
  --data FOLDER         where the runtime keeps its data (default: .aws-micro in the project)
  --help                this text

${TARGET_DETAILS}

Exit codes: 0 all books are there, 1 failed, 2 wrong usage
`;

const options = {
  stage: { type: 'string' },
  table: { type: 'string' },
  profile: { type: 'string' },
  region: { type: 'string' },
  'endpoint-url': { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<number> {
  const values = readOptions();
  if (values === undefined) return 2;
  const terminal = new Terminal(process.env);
  if (values.help) {
    await terminal.print(usage.trimEnd());
    return 0;
  }
  const table = values.table ?? `aws-micro-${values.stage ?? (process.env['STAGE'] || 'dev')}-books`;
  const { profile, region, 'endpoint-url': endpointUrl, data } = values;
  const place = { profile, region, 'endpoint-url': endpointUrl, data };
  await onTarget(place, terminal, (target) => seed(target, table, terminal));
  return 0;
}

function readOptions() {
  try {
    return parseArgs({ options, allowPositionals: false }).values;
  } catch (error) {
    process.stderr.write(`seed: ${(error as Error).message.split('. ')[0]} (npm run seed -- --help)\n`);
    return undefined;
  }
}

async function seed(target: Target, table: string, terminal: Terminal): Promise<void> {
  const dynamodb = target.connect('dynamodb', (settings) => new DynamoDBClient(settings));
  const books = new Books(dynamodb, table);
  const now = Date.now();
  let added = 0;
  terminal.note(`seed: ${BOOKS.length} books for the table ${table} on ${target.description}`);
  for (const [index, book] of BOOKS.entries()) {
    // The catalogue shows the newest first.
    const isNew = await books.add(book, new Date(now - index).toISOString()).catch((error: unknown) => {
      throw explained(error, table, target);
    });
    if (isNew) added += 1;
    await terminal.print(`${isNew ? 'added' : 'there'}  ${book.title}, ${book.author}`);
  }
  terminal.note(`seed: ${added} added, ${BOOKS.length - added} were there already`);
}

/** What people can act on; that nobody answers the target itself explains. */
function explained(error: unknown, table: string, target: Target): unknown {
  if (!(error instanceof AwsError)) return error;
  const { code, call } = error;
  if (code === 'ResourceNotFoundException') {
    return new UserError(
      `There is no table ${table} on ${target.description}: name it with --stage or --table`,
    );
  }
  if (code === 'CredentialsProviderError') return new UserError('No credentials for AWS: try --profile');
  return error.status === undefined
    ? error
    : new UserError(`${target.description} says: ${code} (${call} on ${table})`);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`seed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
