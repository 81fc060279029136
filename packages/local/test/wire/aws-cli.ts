import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of the aws CLI; undefined where there is none on this machine. */
export const cli = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'aws'))
  .find((file) => existsSync(file));

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
