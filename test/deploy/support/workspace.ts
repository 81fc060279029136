import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePlan } from '../../../bin/plan/plan-json';
import { review } from '../../../bin/plan/review';
import type { Review } from '../../../bin/plan/review';
import { run, succeed } from './run';
import type { Run } from './run';

export const project = path.resolve(__dirname, '../../..');

/** Variables of the caller that could lead a test to another account, endpoint, stage or state. */
const foreign =
  /^(AWS_|TF_VAR_|TF_CLI_ARGS|TF_WORKSPACE|TF_DATA_DIR|CDKTF_|STATE_BUCKET$|STAGE$|MYSQL_URL$|NO_COLOR$)/;

/**
 * A stage with a synth and a state of its own in a temporary folder, against an AWS endpoint on loopback. The project's
 * own `cdktf.out` and state are not touched.
 */
export class Workspace {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'deploy-'));
  readonly outdir = path.join(this.folder, 'cdktf.out');
  readonly stack: string;
  readonly stackFolder: string;
  readonly stateFile: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(stage: string, endpoint: string, more: NodeJS.ProcessEnv = {}) {
    this.stack = `aws-micro-${stage}`;
    this.stackFolder = path.join(this.outdir, 'stacks', this.stack);
    this.stateFile = path.join(this.folder, `terraform.${this.stack}.tfstate`);
    this.env = {
      ...callerEnvironment(),
      STAGE: stage,
      CDKTF_OUTDIR: this.outdir,
      ...awsEnvironment(endpoint),
      CHECKPOINT_DISABLE: '1',
      ...more,
    };
  }

  /** Runs cdktf's command line on the stack. */
  async cdktf(command: 'deploy' | 'destroy'): Promise<Run> {
    const cli = path.join(project, 'node_modules/.bin/cdktf');
    const args = [command, this.stack, '--auto-approve', '--skip-provider-lock', '--output', this.outdir];
    return succeed(cli, args, { cwd: project, env: this.env });
  }

  terraform(...args: string[]): Promise<Run> {
    return succeed('terraform', args, { cwd: this.stackFolder, env: this.env });
  }

  /** Runs `npm run plan` with these arguments. */
  plan(...args: string[]): Promise<Run> {
    return run(process.execPath, ['--import', 'tsx', 'bin/plan.ts', ...args], {
      cwd: project,
      env: this.env,
    });
  }

  /** Plans, and returns what the plan says along with the run. */
  async reviewedPlan(...args: string[]): Promise<Run & { review: Review }> {
    const planFile = path.join(this.folder, 'tfplan');
    const planned = await this.plan('--out', planFile, ...args);
    if (planned.code === 1) throw new Error(planned.output.slice(-8000));
    const { stdout } = await this.terraform('show', '-json', planFile);
    return { ...planned, review: review(parsePlan(stdout)) };
  }

  /** Terraform's state with a local backend. */
  state(): State {
    return JSON.parse(readFileSync(this.stateFile, 'utf8')) as State;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface State {
  readonly resources: readonly {
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
  }[];
}

/** The caller's environment without what could lead a test elsewhere. */
export function callerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Fake credentials and no other way to any: a mistake in a test cannot reach an account. */
export function awsEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
