import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Clock } from '../../clock';
import type { FunctionConfig, Reporter } from '../../contracts';
import { UserError } from '../../errors';
import { isSourceFile, isSourceFolder, OWN_FOLDER, sourceFolders } from '../../synth';
import { Bundler, readRecipe } from './bundler';
import type { Recipe } from './bundler';
import { SourceWatch } from './source-watch';

export interface ReloaderOptions {
  readonly projectFolder: string;
  readonly functions: readonly Pick<FunctionConfig, 'name' | 'zipFile'>[];
  /** Runs other code from now on: these files, or what is in the zip now. @returns whether it is other code */
  readonly reload: (functionName: string, files?: Readonly<Record<string, Uint8Array>>) => Promise<boolean>;
  readonly reporter: Reporter;
  readonly clock: Clock;
}

/** A bundle and the functions that run it. */
interface Target {
  readonly functionNames: string[];
  readonly recipe: Recipe;
  /** Absolute. */
  inputs: ReadonlySet<string>;
  failed: boolean;
}

/**
 * Gives functions their new code while the stack runs. A change of a source makes those bundles anew that it went into; a zip
 * file without a recipe is read again when it changes; what else belongs to the stack is named, for it takes a restart.
 */
export class Reloader {
  private readonly folder: string;
  private readonly bundler: Bundler;
  private readonly watch: SourceWatch;
  private readonly targets = new Map<string, Target>();
  /** Function names by the absolute path of their zip. */
  private readonly zips = new Map<string, string[]>();
  /** What the synth may have read. */
  private readonly sources: ReadonlySet<string>;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReloaderOptions) {
    const { projectFolder, functions, clock } = options;
    this.folder = realpathSync(projectFolder);
    this.bundler = new Bundler(this.folder, clock);
    this.sources = new Set(this.contents(this.folder).files);
    for (const { name, zipFile } of functions) this.addFunction(name, zipFile);
    this.watch = new SourceWatch({
      clock,
      onChange: (files, since) => {
        // One after the other: a second build must not overtake the first.
        this.work = this.work.then(() => this.apply(files, since));
      },
      onNewFolder: (folder) => this.contents(folder),
    });
  }

  /** Begins to watch. A system that cannot is told of in one line. */
  start(): void {
    try {
      this.contents(this.folder).folders.forEach((folder) => this.watch.add(folder));
      for (const { inputs } of this.targets.values()) this.watchInputs(inputs);
      for (const zipFile of this.zips.keys()) this.watch.add(dirname(zipFile));
    } catch (error) {
      this.watch.close();
      const { message } = error as Error;
      this.options.reporter.warn('reload', `sources cannot be watched, changes need a restart: ${message}`);
    }
  }

  async stop(): Promise<void> {
    this.watch.close();
    await this.work;
    await this.bundler.stop();
  }

  private addFunction(name: string, zipFile: string): void {
    const recipe = readRecipe(this.folder, zipFile);
    if (!recipe) {
      const path = existsSync(zipFile) ? realpathSync(zipFile) : zipFile;
      this.zips.set(path, [...(this.zips.get(path) ?? []), name]);
      return;
    }
    const target = this.targets.get(zipFile);
    if (target) target.functionNames.push(name);
    else {
      const inputs = this.absolute(recipe.inputs);
      this.targets.set(zipFile, { functionNames: [name], recipe, inputs, failed: false });
    }
  }

  private absolute(inputs: readonly string[]): Set<string> {
    return new Set(inputs.map((file) => join(this.folder, file)));
  }

  private watchInputs(inputs: ReadonlySet<string>): void {
    for (const folder of new Set([...inputs].map((file) => dirname(file)))) {
      if (existsSync(folder)) this.watch.add(folder);
    }
  }

  private contents(folder: string): { folders: string[]; files: string[] } {
    const isRoot = folder === this.folder;
    if (!isRoot && !isSourceFolder(basename(folder))) return { folders: [], files: [] };
    const found = [...sourceFolders(folder, OWN_FOLDER)];
    return { folders: found.map(({ path }) => path), files: found.flatMap(({ files }) => files) };
  }

  private async apply(files: ReadonlySet<string>, since: number): Promise<void> {
    const changed = [...files];
    const affected = [...this.targets.values()].filter(
      ({ inputs, failed }) => failed || changed.some((file) => inputs.has(file)),
    );
    const zips = changed.filter((file) => this.zips.has(file) && existsSync(file));
    const stack = changed.filter((file) => this.isStackSource(file));
    await Promise.all([
      ...affected.map((target) => this.rebuild(target, changed, since)),
      ...zips.map((zipFile) => this.reread(zipFile, since)),
    ]);
    this.tell(
      stack.filter((file) => this.sources.has(file)),
      'changed: restart to apply',
    );
    this.tell(
      stack.filter((file) => !this.sources.has(file)),
      'new: restart if the stack is to have it',
    );
  }

  private tell(files: readonly string[], what: string): void {
    if (files.length > 0) this.options.reporter.event('reload', `${this.names(files)} ${what}`);
  }

  private isStackSource(file: string): boolean {
    const isInput = [...this.targets.values()].some(({ inputs }) => inputs.has(file));
    const isWatchedFor = isInput || this.zips.has(file) || !isSourceFile(basename(file));
    return !isWatchedFor && (existsSync(file) || this.sources.has(file));
  }

  private async rebuild(target: Target, changed: readonly string[], since: number): Promise<void> {
    const own = changed.filter((file) => target.inputs.has(file));
    try {
      const { files, inputs } = await this.bundler.build(target.recipe);
      target.failed = false;
      target.inputs = this.absolute(inputs);
      this.watchInputs(target.inputs);
      const names = this.names(own.length > 0 ? own : changed);
      await this.give(target.functionNames, names, since, files);
    } catch (error) {
      target.failed = true;
      this.complain(target.functionNames, error);
    }
  }

  private async reread(zipFile: string, since: number): Promise<void> {
    const functionNames = this.zips.get(zipFile) ?? [];
    try {
      await this.give(functionNames, this.names([zipFile]), since);
    } catch (error) {
      this.complain(functionNames, error);
    }
  }

  private async give(
    functionNames: readonly string[],
    sources: string,
    since: number,
    files?: Readonly<Record<string, Uint8Array>>,
  ): Promise<void> {
    const { reload, reporter, clock } = this.options;
    for (const name of functionNames) {
      if (await reload(name, files)) {
        reporter.event(name, `reloaded (${sources}) in ${clock.now() - since} ms`);
      }
    }
  }

  private complain(functionNames: readonly string[], error: unknown): void {
    const text = error instanceof UserError ? error.message : String(error);
    this.options.reporter.warn(functionNames.join(', '), `${text}; the code before that keeps running`);
  }

  /** `handlers/a.ts`, or with more `handlers/a.ts and 2 more`. */
  private names(files: readonly string[]): string {
    const [first = '', ...more] = files.map((file) => relative(this.folder, file)).sort();
    return more.length === 0 ? first : `${first} and ${more.length} more`;
  }
}
