import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../errors';
import { command } from './command';

const PACKAGE = '@aws-micro/messaging';
const NAME = 'aws-micro serve';

export const serve = command({
  name: 'serve',
  synopsis: '[options]',
  summary: 'serve queues, topics and alarms by REST, event streams and metrics',
  options: {},
  positionals: { min: 0, max: 0 },
  readsItself: true,
  async run({ positionals: args, terminal }) {
    await buildWhereSourcesAre();
    const { runServer } = await import('@aws-micro/messaging/server');
    return runServer(args, terminal.environment, {
      name: NAME,
      print: (line) => void terminal.print(line).catch(() => undefined),
      note: (line) => terminal.note(line),
    });
  },
});

interface Builder {
  readonly build: () => Promise<void>;
  readonly isStale: () => boolean;
}

/** An installed package is built; one beside its sources may be older than they are. */
async function buildWhereSourcesAre(): Promise<void> {
  const builder = join(folderOf(PACKAGE), 'bin', 'build.mjs');
  if (!existsSync(builder)) return;
  const { href } = pathToFileURL(builder);
  const { build, isStale } = (await import(href)) as Builder;
  if (isStale()) await build();
}

function folderOf(name: string): string {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    throw new UserError(`The server is a package of its own: npm install ${name}`);
  }
}
