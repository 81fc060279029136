import path from 'node:path';
import { buildSync } from 'esbuild';
import type { BuildOptions, Metafile, OutputFile } from 'esbuild';

/** What esbuild makes of an entry. */
export interface Built {
  readonly js: Uint8Array;
  /** The source map, its paths relative to the project folder. */
  readonly map: string;
  /** Of the sources that the entry reaches, its output under `index.js`. */
  readonly metafile: Metafile;
}

/** Options of one entry; all entries of a project that agree in the rest can be built together. */
export interface EntryOptions extends BuildOptions {
  /** The project folder. */
  readonly absWorkingDir: string;
  /** One, relative to the project folder. */
  readonly entryPoints: [string];
}

const OUTPUT = 'index.js';
/** Built together, each entry has a folder, so that its files have the names that they have alone. */
const FOLDER = '.entry-';

/** What was built together and is not asked for yet. */
const waiting = new Map<string, Built>();

/** @throws BuildFailure */
export function build(options: EntryOptions): Built {
  const key = JSON.stringify(options);
  const built = waiting.get(key);
  waiting.delete(key);
  return built ?? buildAlone(options);
}

/**
 * Builds all entries in one go: what they share is read once, and each output is linked by itself, byte for byte as if it were
 * built alone. {@link build} then gives each of them once. Where one of them does not compile nothing is kept: built alone, it
 * says so itself.
 *
 * @param entries of one project, with the same options but for the entry
 */
export function buildTogether(entries: readonly EntryOptions[]): void {
  const [first] = entries;
  if (first === undefined) return;
  const entryPoints = entries.map(({ entryPoints: [file] }, index) => ({
    in: file,
    out: `${FOLDER}${index}/index`,
  }));
  const result = attempt({ ...first, entryPoints, outfile: undefined, outdir: '.' });
  if (result?.outputFiles === undefined || result.metafile === undefined) return;
  const { outputFiles, metafile } = result;
  for (const [index, entry] of entries.entries()) {
    const folder = `${FOLDER}${index}`;
    const { js, map } = filesOf(outputFiles.filter((file) => folderOf(file) === folder));
    const output = metafile.outputs[`${folder}/${OUTPUT}`];
    if (output === undefined) continue;
    const inputs = reachable(metafile, [...entry.entryPoints, ...(entry.inject ?? [])]);
    const built = { js, map: fromProject(map), metafile: { inputs, outputs: { [OUTPUT]: output } } };
    waiting.set(JSON.stringify(entry), built);
  }
}

function attempt(options: BuildOptions) {
  try {
    return buildSync(options);
  } catch {
    return undefined;
  }
}

function buildAlone(options: EntryOptions): Built {
  const { outputFiles = [], metafile } = buildSync({ ...options, outfile: OUTPUT, metafile: true });
  return { ...filesOf(outputFiles), metafile };
}

function filesOf(outputs: readonly OutputFile[]): { js: Uint8Array; map: string } {
  const [map, js] = ['.map', '.js'].map((suffix) => outputs.find((file) => file.path.endsWith(suffix)));
  if (!map || !js) throw new Error('esbuild gave no output');
  return { js: js.contents, map: map.text };
}

function folderOf(file: OutputFile): string {
  return path.basename(path.dirname(file.path));
}

/** A source map of a folder in the project as one of the project folder. */
function fromProject(text: string): string {
  const map = JSON.parse(text) as { sources: string[] };
  return JSON.stringify({ ...map, sources: map.sources.map((source) => source.replace(/^\.\.\//, '')) });
}

/** The inputs that a build of these files alone would have. */
function reachable({ inputs }: Metafile, files: readonly string[]): Metafile['inputs'] {
  const found = new Set<string>();
  const open = files.map((file) => file.replace(/^\.\//, ''));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const input = inputs[file];
    if (input === undefined || found.has(file)) continue;
    found.add(file);
    open.push(...input.imports.filter(({ external }) => !external).map((each) => each.path));
  }
  return Object.fromEntries(Object.entries(inputs).filter(([file]) => found.has(file)));
}
