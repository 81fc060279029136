import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { JsonObject } from '../../src/synth';

const BIN = join(__dirname, '..', '..', 'bin', 'aws-micro.mjs');

export type Bodies = Record<string, Record<string, JsonObject>>;

/** A project of plain Terraform JSON in a folder of its own. */
export class TestProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-micro-up-'));
  private readonly processes: RuntimeProcess[] = [];

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.folder, name), content);
  }

  /** A function's package; `code` is CommonJS that sets `exports.handler`. */
  writeFunction(name: string, code: string): JsonObject {
    this.write(`${name}.zip`, zipSync({ 'index.js': strToU8(code) }));
    return {
      function_name: name,
      filename: `${name}.zip`,
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      role: '${aws_iam_role.open.arn}',
      memory_size: 128,
      timeout: 10,
    };
  }

  writeStack(resource: Bodies, data: Bodies = {}): void {
    this.write(
      'main.tf.json',
      JSON.stringify({ provider: { aws: { region: 'us-east-1' } }, resource, data }),
    );
  }

  /** Ports are free ones unless the arguments ask for others. */
  run(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): RuntimeProcess {
    const runtime = new RuntimeProcess(
      ['up', this.folder, '--port', '0', '--aws-port', '0', ...args],
      environment,
    );
    this.processes.push(runtime);
    return runtime;
  }

  /** Any command line, in the project's folder. */
  command(args: readonly string[], environment: NodeJS.ProcessEnv = {}): RuntimeProcess {
    const runtime = new RuntimeProcess(args, environment, this.folder);
    this.processes.push(runtime);
    return runtime;
  }

  async remove(): Promise<void> {
    await Promise.all(this.processes.map((runtime) => runtime.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The runtime as a child process. */
export class RuntimeProcess {
  /** What it printed so far. */
  output = '';
  errors = '';
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly waiting: { readonly pattern: RegExp; readonly found: (match: RegExpExecArray) => void }[] =
    [];

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv, cwd?: string) {
    const { PATH, HOME } = process.env;
    this.child = spawn(process.execPath, [BIN, ...args], { cwd, env: { PATH, HOME, ...environment } });
    this.child.stdout!.on('data', (data: Buffer) => this.add(data.toString()));
    this.child.stderr!.on('data', (data: Buffer) => (this.errors += data.toString()));
    this.exited = new Promise((resolve) => this.child.on('close', resolve));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resolves with the first match in what it prints; rejects where it ends without one. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => this.waiting.push({ pattern, found: resolve }));
    this.add('');
    const gone = this.exited.then((code) => {
      throw new Error(`ended with ${code} before it printed ${pattern}:\n${this.output}${this.errors}`);
    });
    return Promise.race([found, gone]);
  }

  /** The URL of the API, once everything runs. */
  async api(): Promise<string> {
    const [, url] = await this.prints(/^ {2}API +(\S+)/m);
    return url!;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Ends it, if it still runs, and its children by its own watchdog. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private add(text: string): void {
    this.output += text;
    for (const { pattern, found } of this.waiting) {
      const match = pattern.exec(this.output);
      if (match !== null) {
        found(match);
      }
    }
  }
}

/** Role, permission, integration and route for a function that answers a route of `aws_apigatewayv2_api.api`. */
export function routed(name: string, routeKey: string): Bodies {
  const api = '${aws_apigatewayv2_api.api.id}';
  return {
    aws_apigatewayv2_integration: {
      [name]: {
        api_id: api,
        integration_type: 'AWS_PROXY',
        integration_uri: `\${aws_lambda_function.${name}.invoke_arn}`,
        payload_format_version: '2.0',
      },
    },
    aws_apigatewayv2_route: {
      [name]: {
        api_id: api,
        route_key: routeKey,
        target: `integrations/\${aws_apigatewayv2_integration.${name}.id}`,
      },
    },
    aws_lambda_permission: {
      [name]: {
        function_name: name,
        action: 'lambda:InvokeFunction',
        principal: 'apigateway.amazonaws.com',
        source_arn: '${aws_apigatewayv2_api.api.execution_arn}/*/*',
      },
    },
  };
}

export const api: Bodies = {
  aws_apigatewayv2_api: { api: { name: 'api', protocol_type: 'HTTP' } },
  aws_apigatewayv2_stage: {
    stage: { api_id: '${aws_apigatewayv2_api.api.id}', name: '$default', auto_deploy: true },
  },
};

/** A role that may do what the statements say. */
export function role(name: string, ...statements: JsonObject[]): Bodies {
  return {
    aws_iam_role: {
      [name]: { name, inline_policy: [{ name: 'p', policy: JSON.stringify({ Statement: statements }) }] },
    },
  };
}

/** One stack of several parts. */
export function merge(...parts: readonly Bodies[]): Bodies {
  const merged: Bodies = {};
  for (const [type, bodies] of parts.flatMap((part) => Object.entries(part))) {
    merged[type] = { ...merged[type], ...bodies };
  }
  return merged;
}
