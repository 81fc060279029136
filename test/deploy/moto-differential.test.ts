import { knownOfMoto } from '../differential/known-differences';
import { differentialTests } from '../differential/support/suite';
import { startMotoEndpoint } from './support/moto-endpoint';
import { describeMoto } from './support/tools';

describeMoto('moto and our endpoint answer alike, but for what is known', () => {
  differentialTests({
    oracle: 'moto',
    start: startMotoEndpoint,
    known: knownOfMoto,
    sequences: {
      'standard queues': 300,
      'FIFO queues': 300,
      'dead letters': 250,
      'dead letters of FIFO queues': 80,
      'topics and subscriptions': 300,
      'FIFO topics': 250,
      'filter policies': 600,
    },
  });
});
