import { systemClock } from '../src/clock';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

beforeEach(() => jest.useFakeTimers());

afterEach(() => jest.useRealTimers());

it.each([1, 29_999, 30_000, 30_001, HOUR, 60 * DAY])('calls once, after %d ms', (delay) => {
  const callback = jest.fn();
  systemClock.schedule(delay, callback);
  jest.advanceTimersByTime(delay - 1);
  expect(callback).toHaveBeenCalledTimes(0);
  jest.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(DAY);
  expect(callback).toHaveBeenCalledTimes(1);
});

it('calls half a minute after waking up what became due while the computer slept', () => {
  const callback = jest.fn();
  systemClock.schedule(7 * HOUR, callback);
  jest.advanceTimersByTime(HOUR);
  // The time goes on, timers do not.
  jest.setSystemTime(Date.now() + 8 * HOUR);
  expect(callback).toHaveBeenCalledTimes(0);
  jest.advanceTimersByTime(30_000);
  expect(callback).toHaveBeenCalledTimes(1);
});

it('is on time for what became due after waking up', () => {
  const callback = jest.fn();
  systemClock.schedule(7 * HOUR, callback);
  jest.setSystemTime(Date.now() + 6 * HOUR);
  jest.advanceTimersByTime(HOUR - 1);
  expect(callback).toHaveBeenCalledTimes(0);
  jest.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledTimes(1);
});

it.each([1000, HOUR])('does not call after %d ms when it is cancelled', (delay) => {
  const callback = jest.fn();
  const timer = systemClock.schedule(delay, callback);
  jest.advanceTimersByTime(delay - 1);
  timer.cancel();
  jest.advanceTimersByTime(DAY);
  expect(callback).not.toHaveBeenCalled();
  expect(jest.getTimerCount()).toBe(0);
});
