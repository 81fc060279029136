import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock';
import { SourceWatch } from '../../src/up/reload/source-watch';

let root: string;
let watch: SourceWatch;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aws-micro-watch-'));
});

afterEach(() => {
  watch.close();
  rmSync(root, { recursive: true });
});

test.each<[string, (folder: string) => { folders: string[]; files: string[] }]>([
  [
    'read',
    (folder) => {
      readdirSync(folder);
      return { folders: [], files: [] };
    },
  ],
  ['watched', (folder) => ({ folders: [folder], files: [] })],
])('a new folder that is gone before it is %s ends nothing', async (_when, onNewFolder) => {
  const seen = new Promise<ReadonlySet<string>>((resolve) => {
    watch = new SourceWatch({
      clock: systemClock,
      onChange: resolve,
      onNewFolder: (folder) => {
        rmSync(folder, { recursive: true });
        writeFileSync(join(root, 'later.ts'), '');
        return onNewFolder(folder);
      },
    });
  });
  watch.add(root);
  mkdirSync(join(root, 'gone'));
  expect([...(await seen)]).toContain(join(root, 'later.ts'));
});
