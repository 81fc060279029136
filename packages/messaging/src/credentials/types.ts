import type { HttpHandler } from '../proxy';

/** Keys, and until when they are good. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Asks for credentials anew; who calls it keeps them until they are about to expire. */
export type CredentialsProvider = () => Promise<Credentials>;

/** What a kind of credentials needs when it calls AWS itself. */
export interface CredentialsContext {
  readonly region: () => Promise<string>;
  readonly endpoint?: string | undefined;
  readonly requestHandler: HttpHandler;
  readonly maxAttempts: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
