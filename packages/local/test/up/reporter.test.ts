import { Writable } from 'node:stream';
import { ConsoleReporter } from '../../src/reporter';
import { ManualClock } from '../support/manual-clock';

class Sink extends Writable {
  readonly writes: string[] = [];

  constructor(readonly isTTY?: boolean) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    done();
  }
}

function reporterOn(stream: Sink) {
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  return { clock, reporter: new ConsoleReporter({ stream, clock, colour: stream.isTTY }) };
}

test('lines of a moment go out together, each with time, scope and text', () => {
  const sink = new Sink();
  const { clock, reporter } = reporterOn(sink);
  reporter.event('sns', 'published');
  reporter.warn('lambda', 'failed');
  reporter.line('as it is');
  expect(sink.writes).toEqual([]);
  clock.advance(10);
  expect(sink.writes).toHaveLength(1);
  expect(sink.writes[0]).toMatch(
    /^\d\d:\d\d:05\.000 sns published\n\d\d:\d\d:05\.000 lambda ! failed\nas it is\n$/,
  );
  reporter.flush();
  expect(sink.writes).toHaveLength(1);
});

test('colours are for terminals', () => {
  const [terminal, file] = [new Sink(true), new Sink(false)];
  for (const sink of [terminal, file]) {
    const { reporter } = reporterOn(sink);
    reporter.event('sns', 'x');
    reporter.flush();
  }
  expect(terminal.writes.join('')).toContain('\u001b[');
  expect(file.writes.join('')).not.toContain('\u001b[');
});

test('what functions log cannot steer the terminal, nor pose as a line of the runtime', () => {
  const sink = new Sink();
  const { reporter } = reporterOn(sink);
  reporter.event('f', 'a\u001b[2Jb\rc\n12:00:00 sns published\n');
  reporter.flush();
  expect(sink.writes[0]).toMatch(/^\S+ f a\[2Jbc\n {4}12:00:00 sns published\n$/);
});
