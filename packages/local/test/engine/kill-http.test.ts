import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { HttpEndpoint, until } from './http-endpoint';
import { cleanUp, openBroker, temporaryFolder } from './support';

const KILLS = 3;
const MESSAGES = 300;

afterEach(cleanUp);

/** Publishes in a process of its own and kills it after so many acknowledged messages. */
function publishUntilKilled(folder: string, prefix: string, url: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const script = join(__dirname, 'killed-publisher.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder, prefix, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.split('\n').length > MESSAGES) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(output.split('\n').slice(0, -1));
      else reject(new Error(`the broker ended by itself with ${code ?? signal}`));
    });
  });
}

it('what was accepted for a subscriber by HTTP is posted, whatever is killed', async () => {
  const folder = temporaryFolder();
  const endpoint = await HttpEndpoint.start();
  const published: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    published.push(...(await publishUntilKilled(folder, `run${kill}`, endpoint.url)));
  }
  expect(published.length).toBeGreaterThanOrEqual(KILLS * MESSAGES);
  const broker = await openBroker({ folder });
  await until(() => {
    const { visible, inFlight } = broker.queues.all()[0]!.depth();
    return visible + inFlight === 0;
  });
  const posted = new Set(endpoint.requests.map(({ body }) => body));
  expect(published.filter((message) => !posted.has(message))).toEqual([]);
  await endpoint.stop();
}, 60_000);
