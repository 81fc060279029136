import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of the aws CLI; undefined where there is none on this machine. */
const cli = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'aws'))
  .find((file) => existsSync(file));

/** Each call is a Python program that starts. */
const SLOW_MS = 60_000;

/** A test that needs the aws CLI: where it is missing, it says so in one line and skips; in CI it fails. */
export function testWithCli(name: string, body: () => Promise<void>): void {
  testUnless(cli === undefined ? 'the aws CLI is not on the PATH' : undefined, name, body);
}

/** A test that needs boto3, in the same way. */
export function testWithBoto3(name: string, body: () => Promise<void>): void {
  const { status } = spawnSync('python3', ['-c', 'import boto3']);
  testUnless(status === 0 ? undefined : 'python3 has no boto3 (pip install boto3)', name, body);
}

function testUnless(missing: string | undefined, name: string, body: () => Promise<void>): void {
  if (missing === undefined) {
    test(name, body, SLOW_MS);
  } else if (process.env.CI) {
    test(name, () => {
      throw new Error(missing);
    });
  } else {
    process.stderr.write(`skipped: ${name}: ${missing}\n`);
    test.skip(name, () => undefined);
  }
}

const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_ACCESS_KEY_ID: 'developer',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_PAGER: '',
};

/** Runs the aws CLI against an endpoint; resolves with what it prints. */
export function aws(endpointUrl: string, ...args: string[]): Promise<unknown> {
  // Version 1 of the CLI does not heed AWS_ENDPOINT_URL for SQS.
  return run(cli!, [...args, '--endpoint-url', endpointUrl, '--output', 'json']);
}

/** Runs a Python script with the endpoint's URL as its argument; resolves with the JSON that it prints. */
export function python(script: string, endpointUrl: string): Promise<unknown> {
  return run('python3', [script, endpointUrl]);
}

function run(file: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { env }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim()));
      else resolve(stdout.trim() === '' ? undefined : JSON.parse(stdout));
    });
  });
}
