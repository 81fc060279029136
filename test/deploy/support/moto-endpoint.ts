import { endpointAt } from '../../differential/support/endpoint';
import type { Endpoint } from '../../differential/support/endpoint';
import { startBareMoto } from './moto';

/** Moto as an oracle of SNS and SQS. */
export async function startMotoEndpoint(): Promise<Endpoint> {
  const moto = await startBareMoto();
  return endpointAt(moto.url, '123456789012', () => moto.stop());
}
