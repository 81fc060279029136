import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { localLocale } from '../../src/engine';
import { LazyKinesis } from '../../src/kinesis';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { clientConfig, startRuntime, stopRuntime } from '../wire/support';
import type { Runtime } from '../wire/support';

/** Kinesis in a folder of its own, on a clock that stands still, behind the AWS endpoint. */
export class TestKinesis {
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-micro-kinesis-'));
  readonly clock = new ManualClock();
  lazy = this.create();
  runtime!: Runtime;
  client!: KinesisClient;

  async start(): Promise<void> {
    this.runtime = await startRuntime({ clock: this.clock }, { kinesis: this.lazy });
    this.client = new KinesisClient(clientConfig(this.runtime.endpoint.url));
  }

  /** Closes it and opens what is on the disk. */
  async restart(): Promise<void> {
    await this.stop();
    this.lazy = this.create();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async stop(): Promise<void> {
    this.client.destroy();
    await stopRuntime(this.runtime);
    await this.lazy.close();
  }

  private create(): LazyKinesis {
    const { folder, clock } = this;
    return new LazyKinesis({ folder, clock, reporter: new Lines(), locale: localLocale });
  }
}
