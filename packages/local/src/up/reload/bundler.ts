import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import type { build, BuildFailure, BuildOptions, stop } from 'esbuild';
import type { Clock, Timer } from '../../clock';
import { UserError } from '../../errors';

/** esbuild keeps a process with everything it has read; without work it is ended. */
const IDLE_MS = 60_000;

/** What a bundle was made of: a file beside it, which the bundler of the project wrote. */
export interface Recipe {
  /** esbuild's; paths are relative to the project's folder. */
  readonly options: BuildOptions;
  /** The project's own files that went in. */
  readonly inputs: readonly string[];
}

export interface Build {
  /** By the name in the package. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly inputs: readonly string[];
}

interface Esbuild {
  readonly build: typeof build;
  readonly stop: typeof stop;
}

/** The recipe of a package: `.aws-micro/bundles/<name of the zip>.json` in the project. Undefined where there is none. */
export function readRecipe(projectFolder: string, zipFile: string): Recipe | undefined {
  const file = join(projectFolder, '.aws-micro', 'bundles', `${basename(zipFile, '.zip')}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recipe) : undefined;
}

/** Makes bundles anew, with the project's own esbuild. */
export class Bundler {
  private esbuild: Esbuild | undefined;
  private idle: Timer | undefined;
  private readonly folder: string;

  constructor(
    projectFolder: string,
    private readonly clock: Clock,
  ) {
    // esbuild names files by their real path.
    this.folder = realpathSync(projectFolder);
  }

  /** @throws UserError with the first problem, where and what */
  async build({ options }: Recipe): Promise<Build> {
    this.esbuild ??= this.load();
    this.idle?.cancel();
    try {
      const { outputFiles, metafile } = await this.esbuild.build({
        ...options,
        absWorkingDir: this.folder,
        write: false,
        metafile: true,
        logLevel: 'silent',
      });
      const files = outputFiles.map(({ path, contents }) => [relative(this.folder, path), contents]);
      const inputs = Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/'));
      return { files: Object.fromEntries(files) as Build['files'], inputs };
    } catch (error) {
      throw new UserError(firstProblem(error));
    } finally {
      this.idle = this.clock.schedule(IDLE_MS, () => void this.stop());
    }
  }

  async stop(): Promise<void> {
    this.idle?.cancel();
    const { esbuild } = this;
    this.esbuild = undefined;
    await esbuild?.stop();
  }

  private load(): Esbuild {
    try {
      return createRequire(join(this.folder, 'package.json'))('esbuild') as Esbuild;
    } catch {
      throw new UserError('the project has no esbuild to bundle with: npm install --save-dev esbuild');
    }
  }
}

function firstProblem(error: unknown): string {
  const [problem] = (error as Partial<BuildFailure>).errors ?? [];
  if (!problem) return (error as Error).message;
  const at = problem.location;
  return at ? `${at.file}:${at.line}:${at.column + 1}: ${problem.text}` : problem.text;
}
