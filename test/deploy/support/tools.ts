import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import provisioned from '@cdktf/provider-aws/package.json';

/** What the provider classes are generated from; the program requires exactly this. */
const provider = (provisioned as { cdktf: { provider: { version: string } } }).cdktf.provider;

/** A `describe` for tests that need terraform, the aws provider and moto. */
export function describeDeploy(name: string, tests: () => void): void {
  describeUnless(missingTool(), name, tests);
}

/** A `describe` for tests that need moto alone. */
export function describeMoto(name: string, tests: () => void): void {
  describeUnless(missingMoto(), name, tests);
}

/** A `describe` for tests that need boto3 and the aws CLI. */
export function describeClients(name: string, tests: () => void): void {
  describeUnless(missingClient(), name, tests);
}

/** Where something is missing it says so in one line and skips; in CI it fails. */
function describeUnless(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) return describe(name, tests);
  describe(name, () => {
    if (process.env['CI']) {
      test('needs what is missing here', () => {
        throw new Error(missing);
      });
    } else {
      process.stderr.write(`skipped: ${name}: ${missing}\n`);
      test.skip(missing, () => undefined);
    }
  });
}

function missingClient(): string | undefined {
  if (!onPath('aws')) return 'the aws CLI is not on the PATH';
  const { status } = spawnSync('python3', ['-c', 'import boto3']);
  return status === 0 ? undefined : 'python3 has no boto3 (pip install boto3)';
}

function missingMoto(): string | undefined {
  return onPath('moto_server') ? undefined : 'moto_server is not on the PATH (pip install "moto[server]")';
}

function missingTool(): string | undefined {
  if (!onPath('terraform')) return 'terraform is not on the PATH';
  return missingMoto() ?? missingProvider();
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Only terraform knows where it looks for providers, so it is asked. */
function missingProvider(): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'provider-'));
  try {
    const required = { aws: { source: 'hashicorp/aws', version: provider.version } };
    writeFileSync(
      path.join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: required } }),
    );
    const init = spawnSync('terraform', ['init', '-input=false', '-no-color'], {
      cwd: folder,
      env: { ...process.env, CHECKPOINT_DISABLE: '1' },
      encoding: 'utf8',
    });
    return init.status === 0 ? undefined : `terraform init does not find hashicorp/aws ${provider.version}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
