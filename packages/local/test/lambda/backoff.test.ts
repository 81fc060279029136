import { Backoff } from '../../src/lambda/backoff';
import { ManualClock } from '../support/manual-clock';

describe('a pause', () => {
  it('is none before a failure, longer with each, and over with a success', async () => {
    const clock = new ManualClock();
    const backoff = new Backoff(clock, new AbortController().signal);
    await backoff.pause();
    backoff.failed();
    backoff.failed();
    let isOver = false;
    const pause = backoff.pause().then(() => (isOver = true));
    clock.advance(499);
    await Promise.resolve();
    expect(isOver).toBe(false);
    clock.advance(1);
    await pause;
    backoff.failed();
    const next = backoff.pause();
    backoff.succeeded();
    await next;
  });

  it('ends with everything else, and none begins afterwards', async () => {
    const ending = new AbortController();
    const backoff = new Backoff(new ManualClock(), ending.signal);
    backoff.failed();
    const under = backoff.pause();
    ending.abort();
    await under;
    backoff.failed();
    await backoff.pause();
  });
});
