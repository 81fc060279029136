import type { DatabaseServer, Reporter } from '../contracts';
import { UserError } from '../errors';
import type { Resolver } from '../synth';
import type { Owner } from './data-folder';
import { sendsMail } from './mail';
import type { Ports } from './ports';
import { scheduleNames } from './schedules';
import { tableNames } from './tables';

/** Says which ports are others than usual. */
export function tellOfPorts(ports: Ports, reporter: Reporter): void {
  for (const [what, { port, insteadOf }] of ports.all()) {
    if (insteadOf !== undefined) {
      reporter.warn(what, `port ${insteadOf} is taken; ${port} is used instead`);
    }
  }
}

const IN_A_REGION = [
  'aws_cloudwatch_event_bus',
  'aws_dynamodb_table',
  'aws_kinesis_stream',
  'aws_lambda_function',
  'aws_s3_bucket',
  'aws_secretsmanager_secret',
  'aws_sns_topic',
  'aws_sqs_queue',
];

/**
 * Says which regions are hosted in the one that is here.
 *
 * @throws {@link UserError} where two resources are the same then: AWS would refuse them in one account and region as well
 */
export function tellOfRegions(resolver: Resolver, reporter: Reporter): void {
  const { region } = resolver;
  const resources = resolver.resources(...IN_A_REGION);
  const others = new Set(
    resources.map(({ declaredRegion }) => declaredRegion).filter((each) => each !== region),
  );
  for (const other of others) {
    reporter.warn(
      'aws',
      `everything is in one region here: what the stacks have in ${other} is in ${region}`,
    );
  }
  const known = new Map<string, string>();
  for (const resource of resources) {
    const arn = resource.id('arn');
    const other = known.get(arn);
    if (other !== undefined) {
      throw new UserError(
        `${other} and ${resource.address} are both ${arn}: give them different names, or start one of their stacks with --stack`,
      );
    }
    known.set(arn, resource.address);
  }
}

/** How other programs of this user log in to the database. */
export function ownerDatabase(
  { host, port, admin, caFile }: DatabaseServer,
  name: string | undefined,
): Owner['database'] {
  return { host, port, ...admin, caFile, name };
}

/** Lines of the banner about what only some stacks have. */
export function moreOf(resolver: Resolver, mailFolder: string): [string, string][] {
  const tables = tableNames(resolver);
  const schedules = scheduleNames(resolver);
  const lines: [string, string][] = [];
  if (tables.length > 0) lines.push(['tables', tables.join(', ')]);
  if (schedules.length > 0) lines.push(['schedules', schedules.join(', ')]);
  if (sendsMail(resolver)) lines.push(['mail', mailFolder]);
  return lines;
}
