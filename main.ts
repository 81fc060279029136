import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, S3Backend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Messages } from './services/messages';
import { Passwords } from './services/passwords';
import { Platform } from './services/platform';
import { stageNamed } from './stages';
import type { Stage } from './stages';

/** One stage of the system: one state, one plan, one deploy. */
export class AwsMicroStack extends TerraformStack {
  readonly platform: Platform;
  readonly messages?: Messages;
  readonly passwords?: Passwords;

  constructor(scope: Construct, stage: Stage) {
    super(scope, `aws-micro-${stage.name}`);
    this.addProvider(stage);
    this.addBackend(stage);

    const { services } = stage;
    this.platform = new Platform(this, 'platform', { stage });
    if (services.messages !== 'off') {
      this.messages = new Messages(this, 'messages', { platform: this.platform, stage: services.messages });
    }
    if (services.passwords !== 'off') {
      this.passwords = new Passwords(this, 'passwords', {
        platform: this.platform,
        stage: services.passwords,
      });
    }

    this.addOutputs();
  }

  private addProvider(stage: Stage): void {
    // S3 state with a lock of its own came with 1.10.
    this.addOverride('terraform.required_version', '>= 1.10');
    new AwsProvider(this, 'aws', {
      region: stage.region,
      defaultTags: [{ tags: { Project: 'aws-micro', Stage: stage.name, ManagedBy: 'cdktf' } }],
    });
  }

  /** State in STATE_BUCKET, locked and encrypted, where that is set; in the project folder otherwise. */
  private addBackend(stage: Stage): void {
    const bucket = process.env.STATE_BUCKET;
    if (bucket) {
      const key = `${this.node.id}.tfstate`;
      const backend = new S3Backend(this, { bucket, key, region: stage.region, encrypt: true });
      // CDKTF knows only the lock in DynamoDB, which Terraform gives up.
      backend.addOverride('use_lockfile', true);
    } else {
      // Relative to the folder of the synthesized stack, or the synth would differ from folder to folder.
      new LocalBackend(this, { path: `../../../terraform.${this.node.id}.tfstate` });
    }
  }

  private addOutputs(): void {
    this.output('api_url', this.platform.api.url, 'Where the HTTP API answers');
    if (this.messages) {
      this.output(
        'messages_topic_arn',
        this.messages.topic.arn,
        'Where services that want messages subscribe',
      );
    }
    if (this.passwords) {
      this.output(
        'passwords_topic_arn',
        this.passwords.topic.arn,
        'Where services that want to know of password changes subscribe',
      );
      this.output('passwords_accounts_table', this.passwords.accounts.table.name, 'Where accounts are kept');
    }
  }

  private output(name: string, value: string, description: string): void {
    new TerraformOutput(this, name, { value, description });
  }
}

/** Synthesizes the stage that STAGE names, `dev` by default. */
function main(): void {
  const app = new App();
  new AwsMicroStack(app, stageNamed(process.env.STAGE || 'dev'));
  app.synth();
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error(`aws-micro: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
