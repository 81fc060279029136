import { textOf } from '../../src/commands/logs/entry';
import { Terminal } from '../../src/commands/terminal';

const terminal = new Terminal({});
const id = '8f5c1a8e-1f0b-4a5b-9d0c-0a1b2c3d4e5f';

test.each([
  ["a line of Lambda's text format", `2026-11-21T09:30:00.000Z\t${id}\tINFO\thello\n`, 'hello'],
  ['one of another level', `2026-11-21T09:30:00.000Z\t${id}\tWARN\ttwo\nlines\n`, 'WARN\ttwo\nlines'],
  [
    'a report',
    `REPORT RequestId: ${id}\tDuration: 2.10 ms\tMax Memory Used: 70 MB\n`,
    'Duration: 2.10 ms, Max Memory Used: 70 MB',
  ],
  ['the begin', `START RequestId: ${id} Version: $LATEST\n`, undefined],
  ['the end', `END RequestId: ${id}\n`, undefined],
  ['plain text', 'just so\n', 'just so'],
  ['JSON of the function', '{"level":"error","event":"failed","n":1}\n', 'error {"event":"failed","n":1}'],
  [
    "Lambda's JSON format",
    `{"timestamp":"t","level":"INFO","requestId":"${id}","message":"hello"}\n`,
    'hello',
  ],
  [
    'an object in it',
    `{"timestamp":"t","level":"WARN","requestId":"${id}","message":{"a":1}}\n`,
    'WARN {"a":1}',
  ],
  [
    'a report in JSON',
    '{"type":"platform.report","record":{"metrics":{"durationMs":2.1,"maxMemoryUsedMB":70},"status":"success"}}\n',
    'success: 2.1 ms, 70 MB',
  ],
  ['the begin in JSON', '{"type":"platform.start","record":{}}\n', undefined],
  ['broken JSON', '{"a":\n', '{"a":'],
])('%s', (_, message, shown) => {
  expect(textOf(message, terminal)).toBe(shown);
});
