import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors';
import type { JsonObject } from './json';
import { isObject } from './json';
import { refuseHcl } from './stack';

/** What is run: a CDKTF app, or a folder with Terraform's JSON syntax. */
export interface Project {
  readonly folder: string;
  /** The command that synthesizes; undefined for plain Terraform JSON. */
  readonly app: string | undefined;
  /** `context` of cdktf.json. */
  readonly context: JsonObject;
  /** The runtime's own folder, `.aws-micro` in the project. */
  readonly dataFolder: string;
}

/**
 * Finds the project of a folder: the nearest `cdktf.json` in it or above it, or its own `*.tf.json` files.
 *
 * @param dataFolder takes the place of `.aws-micro` in the project
 * @throws {@link UserError} where there is neither, or the cdktf.json cannot be used
 */
export function findProject(folder: string, dataFolder?: string): Project {
  const found = search(folder);
  return dataFolder === undefined ? found : { ...found, dataFolder: resolve(dataFolder) };
}

function search(folder: string): Project {
  const start = resolve(folder);
  if (!existsSync(start)) {
    throw new UserError(`${start} does not exist`);
  }
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, 'cdktf.json'))) {
      return cdktfProject(at);
    }
    if (readdirSync(at).some((file) => file.endsWith('.tf.json'))) {
      return { folder: at, app: undefined, context: {}, dataFolder: join(at, '.aws-micro') };
    }
    if (at === start) {
      refuseHcl(at);
    }
    if (dirname(at) === at) {
      throw new UserError(
        `No cdktf.json and no *.tf.json in ${start} or above it: name the project's folder`,
      );
    }
  }
}

function cdktfProject(folder: string): Project {
  const file = join(folder, 'cdktf.json');
  const settings = parse(file);
  const app = settings['app'];
  if (typeof app !== 'string' || app === '') {
    throw new UserError(`${file} has no "app" command`);
  }
  const context = settings['context'];
  return { folder, app, context: isObject(context) ? context : {}, dataFolder: join(folder, '.aws-micro') };
}

function parse(file: string): JsonObject {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
  } catch (error) {
    throw new UserError(`${file} is not valid JSON: ${(error as Error).message}`);
  }
}
