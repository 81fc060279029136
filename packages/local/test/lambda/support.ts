import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { FunctionConfig } from '../../src/contracts';
import { Functions } from '../../src/lambda/functions';
import type { FunctionsOptions } from '../../src/lambda/functions';
import { Lines } from '../support/lines';

export const ACCOUNT = '000000000000';

export function arnOf(name: string): string {
  return `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'aws-micro-lambda-'));
}

export async function zip(folder: string, files: Record<string, string>): Promise<string> {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  const zipFile = join(folder, `${randomBytes(6).toString('hex')}.zip`);
  await writeFile(zipFile, zipSync(Object.fromEntries(entries)));
  return zipFile;
}

export function config(name: string, zipFile: string, more: Partial<FunctionConfig> = {}): FunctionConfig {
  return {
    name,
    arn: arnOf(name),
    zipFile,
    handler: 'index.handler',
    timeoutSeconds: 10,
    memoryMb: 128,
    environment: {},
    logGroup: `/aws/lambda/${name}`,
    credentials: { accessKeyId: `AKIA${name}`, secretAccessKey: `secret-of-${name}` },
    ...more,
  };
}

/** Loads functions from source text: each value is the text of `index.js`. */
export async function load(
  folder: string,
  sources: Record<string, string | { source: string; config: Partial<FunctionConfig> }>,
  more: Partial<FunctionsOptions> = {},
): Promise<Functions> {
  const configs = await Promise.all(
    Object.entries(sources).map(async ([name, each]) => {
      const { source, config: own } = typeof each === 'string' ? { source: each, config: {} } : each;
      return config(name, await zip(folder, { 'index.js': source }), own);
    }),
  );
  return Functions.load({ ...settings(folder), configs, ...more });
}

export function settings(folder: string) {
  return {
    folder: join(folder, 'functions'),
    region: 'us-east-1',
    endpointUrl: 'http://127.0.0.1:4566',
    reporter: new Lines(),
  };
}

/** Resolves once the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Resolves once no such process runs. */
export async function ended(pid: number): Promise<void> {
  await until(async () => {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    return (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).includes(') Z ');
  });
}
