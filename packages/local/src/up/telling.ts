import type { DatabaseServer, Reporter } from '../contracts';
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
