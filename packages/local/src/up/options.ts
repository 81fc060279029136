import type { Clock } from '../clock';

/** What the command line decides. */
export interface UpOptions {
  /** The project, or a folder in it. */
  readonly folder: string;
  /** Where messages, database and synth are kept; undefined takes `.aws-micro` in the project. */
  readonly dataFolder?: string;
  /** Of the first HTTP API; undefined takes the default, or the next free one. */
  readonly port?: RequestedPort;
  /** Of the AWS endpoint. */
  readonly awsPort?: RequestedPort;
  /** Which stacks, where the app has several. @default all */
  readonly stacks?: readonly string[];
  /** Synthesizes even where nothing changed. */
  readonly fresh: boolean;
  /** Gives functions their new code when a source changes. @default true */
  readonly reload?: boolean;
  /** Functions at most that get a process before somebody calls them. @default two a processor, as far as memory is free */
  readonly prewarm?: number;
  /** A function to debug, by its name or the end of it, and the port for debuggers. */
  readonly inspect?: { readonly functionName: string; readonly port: number };
  readonly environment: NodeJS.ProcessEnv;
  /** Time of everything hosted; the database server and the reporter have the system's. @default systemClock */
  readonly clock?: Clock;
}

/** A port that was asked for, and by what: `--port`, `PORT`. */
export interface RequestedPort {
  readonly port: number;
  readonly by: string;
}
