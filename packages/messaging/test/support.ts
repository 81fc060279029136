import { Messaging } from '../src';
import type { MessagingOptions } from '../src';
import { startRuntime, stopRuntime } from '../../local/test/wire/support';
import type { Runtime } from '../../local/test/wire/support';

/** The local AWS endpoint in this process, and what opens the library on it. */
export interface Cloud {
  readonly runtime: Runtime;
  /** Opens the library on the endpoint; closed with the cloud. */
  open(options?: MessagingOptions): Messaging;
  close(): Promise<void>;
}

export async function startCloud(...options: Parameters<typeof startRuntime>): Promise<Cloud> {
  const runtime = await startRuntime(...options);
  const opened: Messaging[] = [];
  return {
    runtime,
    open(more = {}) {
      const messaging = new Messaging({
        endpoint: runtime.endpoint.url,
        region: 'us-east-1',
        credentials: { kind: 'static', accessKeyId: 'developer', secretAccessKey: 'secret' },
        ...more,
      });
      opened.push(messaging);
      return messaging;
    },
    async close() {
      await Promise.all(opened.map((messaging) => messaging.close()));
      await stopRuntime(runtime);
    },
  };
}
