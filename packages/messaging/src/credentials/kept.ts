import type { Credentials, CredentialsProvider } from './types';

/** As early as the SDK asks for new ones. */
const EARLY_MS = 5 * 60_000;

/** Credentials that all clients share: asked for once, and again shortly before they expire. */
export function kept(provider: CredentialsProvider, now: () => number): CredentialsProvider {
  let current: Credentials | undefined;
  let asking: Promise<Credentials> | undefined;
  const ask = async () => {
    try {
      return (current = await provider());
    } finally {
      asking = undefined;
    }
  };
  return () => {
    if (current !== undefined && isFresh(current, now())) return Promise.resolve(current);
    return (asking ??= ask());
  };
}

function isFresh({ expiration }: Credentials, now: number): boolean {
  return expiration === undefined || expiration.getTime() - now > EARLY_MS;
}
