import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandFailed, CommandMissing, run } from './command';

export interface PlannedStack {
  readonly stack: string;
  /** What `terraform show -json` says; it holds sensitive values. */
  readonly json: string;
  /** What was synthesized: the contents of `cdk.tf.json`. */
  readonly program: string;
}

export interface TerraformOptions {
  /** Folder with main.ts. */
  readonly project: string;
  readonly stage: string | undefined;
  readonly destroy: boolean;
  /** Where to keep Terraform's plan; otherwise it is removed. */
  readonly out: string | undefined;
}

const remedies = {
  terraform:
    'install Terraform 1.10 or newer (https://developer.hashicorp.com/terraform/install), or show an existing plan with --json FILE',
  init: 'terraform init needs the hashicorp/aws provider: from the registry, a filesystem mirror or the plugin folder (docs/deploy.md)',
};

/** Synthesizes the program and plans its stack. @throws Error with a remedy where one is known */
export async function planStack(options: TerraformOptions): Promise<PlannedStack> {
  const terraform = process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform';
  const env = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  await call('terraform version', ['version'], options.project);
  const { stack, folder } = await synthesize(options);
  await call('terraform init', ['init', '-input=false', '-no-color'], folder);
  const scratch = mkdtempSync(path.join(tmpdir(), 'plan-'));
  try {
    const planFile = options.out === undefined ? path.join(scratch, 'tfplan') : path.resolve(options.out);
    const destroy = options.destroy ? ['-destroy'] : [];
    await call(
      'terraform plan',
      ['plan', '-input=false', '-no-color', ...destroy, `-out=${planFile}`],
      folder,
    );
    return {
      stack,
      json: await call('terraform show', ['show', '-json', planFile], folder),
      program: readFileSync(path.join(folder, 'cdk.tf.json'), 'utf8'),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }

  async function call(label: string, args: readonly string[], cwd: string): Promise<string> {
    try {
      return await run({ label, file: terraform, args, cwd, env });
    } catch (error) {
      if (error instanceof CommandMissing)
        throw new Error(`${error.message}: ${remedies.terraform}`, { cause: error });
      if (!(error instanceof CommandFailed) || label !== 'terraform init') throw error;
      throw new Error(`${error.message}\n${remedies.init}`, { cause: error });
    }
  }
}

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly name: string; readonly workingDirectory: string }>>;
}

async function synthesize({ project, stage }: TerraformOptions): Promise<{ stack: string; folder: string }> {
  const outdir = path.resolve(project, process.env['CDKTF_OUTDIR'] ?? 'cdktf.out');
  mkdirSync(outdir, { recursive: true });
  const env = { CDKTF_OUTDIR: outdir, ...(stage === undefined ? {} : { STAGE: stage }) };
  await run({
    label: 'synth',
    file: process.execPath,
    args: ['--import', 'tsx', 'main.ts'],
    cwd: project,
    env,
  });
  const manifest = JSON.parse(readFileSync(path.join(outdir, 'manifest.json'), 'utf8')) as Manifest;
  const [stack, ...others] = Object.values(manifest.stacks);
  if (!stack || others.length > 0) {
    throw new Error(
      `the program has ${others.length + (stack ? 1 : 0)} stacks; a plan is made of exactly one`,
    );
  }
  return { stack: stack.name, folder: path.join(outdir, stack.workingDirectory) };
}
