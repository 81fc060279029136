import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, S3Backend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Events } from './services/events';
import { Items } from './services/items';
import { Messages } from './services/messages';
import { Messaging } from './services/messaging';
import type { Outputs } from './services/outputs';
import { Passwords } from './services/passwords';
import { Platform } from './services/platform';
import { Shop } from './services/shop';
import { stageNamed } from './stages';
import type { Stage } from './stages';

/** One stage of the system: one state, one plan, one deploy. */
export class AwsMicroStack extends TerraformStack {
  readonly platform: Platform;
  readonly messages?: Messages;
  readonly passwords?: Passwords;
  readonly events?: Events;
  readonly items?: Items;
  readonly shop?: Shop;
  readonly messaging?: Messaging;

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
    if (services.events !== 'off') {
      this.events = new Events(this, 'events', { platform: this.platform, stage: services.events });
    }
    if (services.items !== 'off') {
      this.items = new Items(this, 'items', { platform: this.platform, stage: services.items });
    }
    if (services.shop !== 'off') {
      this.shop = new Shop(this, 'shop', { platform: this.platform, stage: services.shop });
    }
    if (services.messaging !== 'off') {
      this.messaging = new Messaging(this, 'messaging', {
        platform: this.platform,
        stage: services.messaging,
      });
    }

    this.addOutputs({ api_url: { value: this.platform.api.url, description: 'Where the HTTP API answers' } });
    const { messages, passwords, events, items, shop, messaging } = this;
    for (const service of [messages, passwords, events, items, shop, messaging]) {
      if (service) this.addOutputs(service.outputs);
    }
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

  private addOutputs(outputs: Outputs): void {
    for (const [name, output] of Object.entries(outputs)) new TerraformOutput(this, name, output);
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
