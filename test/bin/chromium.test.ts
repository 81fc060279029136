import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureChromium, findChromium } from '../../bin/chromium';

const WORKS = 'echo Chromium 150.0.1';

describe('the browser of the tests', () => {
  let folder: string;
  const said: string[] = [];
  const reporter = {
    event: (scope: string, text: string) => void said.push(`${scope}: ${text}`),
    warn: (scope: string, text: string) => void said.push(`warning: ${scope}: ${text}`),
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aws-micro-chromium-'));
    said.length = 0;
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, script: string): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  it('is the one that CHROMIUM_PATH names, and then no other', async () => {
    const named = program('mine', WORKS);
    program('chromium', WORKS);
    expect(findChromium({ CHROMIUM_PATH: named, PATH: folder })).toBe(named);
    const missing = { CHROMIUM_PATH: join(folder, 'nowhere'), PATH: folder };
    expect(findChromium(missing)).toBeUndefined();
    expect(await ensureChromium(missing, reporter)).toBeUndefined();
    expect(said).toEqual([]);
  });

  it.each(['chromium', 'chromium-browser', 'google-chrome'])('is %s on the PATH', (name) => {
    const file = program(name, WORKS);
    expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(file);
  });

  it('is the newest of those that Playwright has downloaded', () => {
    program('chromium-1100/chrome-linux/chrome', WORKS);
    const newest = program('chromium-1200/chrome-linux/chrome', WORKS);
    expect(findChromium({ PATH: '', PLAYWRIGHT_BROWSERS_PATH: folder })).toBe(newest);
  });

  it('is no program that only says how to get it', () => {
    program('chromium-browser', 'echo "install the snap" >&2; exit 10');
    const chrome = program('google-chrome', WORKS);
    expect(findChromium({ PATH: folder })).toBe(chrome);
  });

  it('is not installed where that is forbidden, and a reason is given where it cannot be', async () => {
    const none = { PATH: folder, PLAYWRIGHT_BROWSERS_PATH: folder };
    expect(await ensureChromium({ ...none, AWS_MICRO_INSTALL: 'never' }, reporter)).toBeUndefined();
    expect(said).toEqual([]);
    expect(await ensureChromium(none, reporter)).toBeUndefined();
    expect(said).toEqual(['warning: chromium: none of apt-get, dnf, apk, brew is here']);
  });

  it('is installed, announced, from the packages of the system, with its lists fetched where they are missing', async () => {
    // As root apt-get is called itself, by others through a sudo that asks for nothing.
    program('sudo', 'shift; exec "$@"');
    program('true', 'exit 0');
    program(
      'apt-get',
      `if [ "$1" = update ]; then : >${folder}/lists; exit 0; fi
[ -e ${folder}/lists ] || { echo "E: Unable to locate package" >&2; exit 100; }
printf '#!/bin/sh\\necho Chromium 150.0\\n' >${folder}/chromium; /bin/chmod 755 ${folder}/chromium
echo "Setting up chromium"`,
    );
    const env = { PATH: folder, PLAYWRIGHT_BROWSERS_PATH: folder };
    expect(await ensureChromium(env, reporter)).toBe(join(folder, 'chromium'));
    expect(said).toContainEqual(
      expect.stringMatching(
        /^chromium: no Chromium on this machine; running .*apt-get install -y --no-install-recommends chromium$/,
      ),
    );
    expect(said).toContain('apt-get: Setting up chromium');
    said.length = 0;
    expect(await ensureChromium(env, reporter)).toBe(join(folder, 'chromium'));
    expect(said).toEqual([]);
  });
});
