import { Poller } from '../../src/lambda/poller';
import { ManualClock } from '../support/manual-clock';
import { until } from './support';

test('a queue that is gone, and so answers at once with nothing, is asked less and less often', async () => {
  const clock = new ManualClock();
  let calls = 0;
  const poller = new Poller<never, void>({
    limit: 1,
    fullAt: 1,
    clock,
    vacancy: () => Promise.resolve(),
    receive: () => {
      calls += 1;
      return Promise.resolve([]);
    },
    process: () => Promise.resolve({ outcome: undefined, healthy: true }),
    settle: () => Promise.resolve(),
    onError: () => undefined,
  });
  poller.start();
  for (const pause of [250, 500, 1000]) {
    await until(() => clock.pending.includes(pause));
    clock.advance(pause);
  }
  await until(() => clock.pending.includes(2000));
  expect(calls).toBe(4);
  await poller.stop();
});
