import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { TestEvents } from '../events/support';
import type { Runtime } from './support';
import { clientConfig, startRuntime, stopRuntime } from './support';

/** Event buses behind the AWS endpoint, new for each test of a file. */
export interface EventBridgeRig {
  own: TestEvents;
  runtime: Runtime;
  client: EventBridgeClient;
}

/** @returns filled in before each test */
export function eachWithEventBridge(): EventBridgeRig {
  const rig = {} as EventBridgeRig;
  beforeEach(async () => {
    rig.own = new TestEvents();
    await rig.own.open();
    rig.runtime = await startRuntime({}, { buses: rig.own.buses });
    rig.client = new EventBridgeClient(clientConfig(rig.runtime.endpoint.url));
  });
  afterEach(async () => {
    rig.client.destroy();
    await rig.own.stop();
    await stopRuntime(rig.runtime);
  });
  return rig;
}

export const refused = (name: string, message: string) => ({
  name,
  message: expect.stringContaining(message) as string,
  $metadata: { httpStatusCode: 400 },
});
