import { knownOfFauxqs } from './known-differences';
import { startFauxqs } from './support/fauxqs';
import { differentialTests } from './support/suite';

describe('fauxqs and our endpoint answer alike, but for what is known', () => {
  differentialTests({
    oracle: 'fauxqs',
    start: startFauxqs,
    known: knownOfFauxqs,
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
