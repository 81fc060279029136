import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleSite } from '../../modules';
import type { SiteFile } from '../../modules';

const PROJECT = path.join(__dirname, '..', '..');

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The site's sources in a folder of another name, which a test may edit. */
function copyOfSite(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'aws-micro-site-'));
  folders.push(folder);
  cpSync(path.join(PROJECT, 'web'), path.join(folder, 'pages'), { recursive: true });
  symlinkSync(path.join(PROJECT, 'node_modules'), path.join(folder, 'node_modules'));
  return path.join(folder, 'pages');
}

const site = bundleSite(path.join(PROJECT, 'web'));
const contentOf = ({ file }: SiteFile) => readFileSync(file, 'utf8');
const find = (files: readonly SiteFile[], key: RegExp) => {
  const found = files.filter((file) => key.test(file.key));
  expect(found).toHaveLength(1);
  return found[0] as SiteFile;
};
const page = find(site, /^index\.html$/);
const entry = find(site, /^assets\/main-\w+\.js$/);

test('the same sources are the same files, whatever their folder', () => {
  const facts = (files: readonly SiteFile[]) => files.map(({ file: _, ...rest }) => rest);
  const elsewhere = bundleSite(copyOfSite());
  expect(facts(elsewhere)).toEqual(facts(site));
  expect(elsewhere.map(contentOf)).toEqual(site.map(contentOf));
  expect(site.map(contentOf).join()).not.toContain(PROJECT);
});

test('the page has its script and its style, and no other origin', () => {
  const html = contentOf(page);
  expect(html).toContain(`<script type="module" src="/${entry.key}"></script>`);
  expect(html).toContain(`href="/${find(site, /^assets\/main-\w+\.css$/).key}"`);
  expect(html).not.toMatch(/\{\{|https?:|<style|\son\w+=|<script>/);
});

test('files have their types, and names that change with the content where they are kept', () => {
  expect(site.map(({ key }) => key)).toEqual([...site.map(({ key }) => key)].sort());
  for (const { key, immutable, contentType } of site) {
    expect(immutable).toBe(/^assets\/[\w-]+-[A-Z0-9]{8}\.(js|css)$/.test(key));
    if (key.endsWith('.js')) expect(contentType).toBe('text/javascript; charset=utf-8');
    if (key.endsWith('.css')) expect(contentType).toBe('text/css; charset=utf-8');
  }
  expect(page.contentType).toBe('text/html; charset=utf-8');
  expect(find(site, /^icon\.svg$/).contentType).toBe('image/svg+xml');
});

test('another line of a page is another name, and the page names it', () => {
  const copy = copyOfSite();
  writeFileSync(path.join(copy, 'src', 'shop', 'nav.tsx'), "export function Nav() { return 'edited'; }\n");
  writeFileSync(path.join(copy, 'src', 'main.tsx'), "import './styles.css';\nconsole.log('edited');\n");
  const edited = bundleSite(copy);
  const other = find(edited, /^assets\/main-\w+\.js$/);
  expect(other.key).not.toBe(entry.key);
  expect(contentOf(find(edited, /^index\.html$/))).toContain(`/${other.key}`);
  expect(find(edited, /^assets\/main-\w+\.css$/).key).toBe(find(site, /^assets\/main-\w+\.css$/).key);
});

describe('JavaScript, as browsers load it', () => {
  const scripts = new Map(
    site
      .filter(({ key }) => key.endsWith('.js'))
      .map((file) => [path.basename(file.key), contentOf(file)] as const),
  );
  const bytesOf = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + gzipSync(scripts.get(name) ?? '').length, 0);

  /** A script and what it imports at once. */
  const loaded = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return seen;
    seen.add(name);
    const imports = (scripts.get(name) ?? '').matchAll(/(?:from|import)\s*"\.\/([\w.-]+)"/g);
    for (const [, next = ''] of imports) loaded(next, seen);
    return seen;
  };

  test('is under 60 KB for the whole site', () => {
    expect(bytesOf(scripts.keys())).toBeLessThan(60_000);
  });

  test('is less for shoppers, who do not load the desk', () => {
    const shop = loaded(path.basename(entry.key));
    expect(shop.size).toBeLessThan(scripts.size);
    expect(bytesOf(shop)).toBeLessThan(20_000);
  });

  test('has no text that is run as code', () => {
    for (const text of scripts.values()) expect(text).not.toMatch(/\beval\(|new Function\(/);
  });
});

test('what does not compile is named, with file and line', () => {
  const copy = copyOfSite();
  writeFileSync(path.join(copy, 'src', 'shop', 'cart.ts'), 'export const a = 1;\nexport const b = ;\n');
  expect(() => bundleSite(copy)).toThrow(/cannot bundle the site .*: src\/shop\/cart\.ts:2: /);
  writeFileSync(path.join(copy, 'src', 'main.tsx'), "import './nothing';\n");
  expect(() => bundleSite(copy)).toThrow(/src\/main\.tsx:1: Could not resolve/);
});

test('a folder that is no site says which file is missing', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'aws-micro-site-'));
  folders.push(folder);
  expect(() => bundleSite(folder)).toThrow(/cannot bundle the site/);
  const copy = copyOfSite();
  rmSync(path.join(copy, 'icon.svg'));
  expect(() => bundleSite(copy)).toThrow(/icon\.svg/);
});
