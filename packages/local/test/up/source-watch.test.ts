import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock';
import { SourceWatch } from '../../src/up/reload/source-watch';

test.each([
  ['read', (folder: string) => mkdirSync(join(folder, 'gone', 'deeper'))],
  ['watched', () => ({ folders: [join(root, 'gone')], files: [] })],
])('a new folder that is gone before it is %s ends nothing', async (_when, onNewFolder) => {
  const seen = new Promise<ReadonlySet<string>>((resolve) => {
    watch = new SourceWatch({
      clock: systemClock,
      onChange: resolve,
      onNewFolder: (folder) => {
        rmSync(folder, { recursive: true });
        writeFileSync(join(root, 'later.ts'), '');
        return onNewFolder(folder) as { folders: string[]; files: string[] };
      },
    });
  });
  watch.add(root);
  mkdirSync(join(root, 'gone'));
  expect([...(await seen)]).toContain(join(root, 'later.ts'));
});

let root: string;
let watch: SourceWatch;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aws-micro-watch-'));
});

afterEach(() => {
  watch.close();
  rmSync(root, { recursive: true });
});
