import { pause } from '../support/load';
import type { Random } from './random';
import type { World } from './world';

/** What was done to the world, by kind. */
export interface Mischief {
  readonly kills: { readonly runtime: number; readonly function: number; readonly database: number };
  readonly blackHoles: number;
}

type Kind = 'runtime' | 'function' | 'database' | 'network';

// Functions are the most numerous processes; a runtime's restart takes the longest.
const KINDS: readonly Kind[] = ['function', 'function', 'function', 'runtime', 'database', 'network'];
const PAUSE_MS = { min: 300, max: 3_500 };
/** Beyond the consumer's patience with a query, so that it must give connections up. */
const BLACK_HOLE_MS = { min: 1_000, max: 6_000 };

/**
 * Breaks one thing after the other until the time is over and at least `kills` processes were killed, each of the three
 * kinds among them; leaves everything running.
 */
export async function wreak(
  world: World,
  random: Random,
  { kills, milliseconds }: { readonly kills: number; readonly milliseconds: number },
): Promise<Mischief> {
  const done = { runtime: 0, function: 0, database: 0, network: 0 };
  const killed = (): number => done.runtime + done.function + done.database;
  const isEnough = (): boolean => killed() >= kills && Object.values(done).every((count) => count > 0);
  const end = Date.now() + milliseconds;
  // A machine so slow that this is not enough has a problem of its own.
  const latest = end + milliseconds;
  while ((Date.now() < end || !isEnough()) && Date.now() < latest) {
    await pause(random.between(PAUSE_MS.min, PAUSE_MS.max));
    const kind = random.pick(KINDS);
    if (await mischief(kind, world, random)) done[kind] += 1;
  }
  const { network: blackHoles, ...kinds } = done;
  return { kills: kinds, blackHoles };
}

async function mischief(kind: Kind, world: World, random: Random): Promise<boolean> {
  switch (kind) {
    case 'runtime':
      await world.killRuntime();
      return true;
    case 'function':
      return world.killFunction((items) => random.pick(items));
    case 'database':
      return world.killDatabase();
    case 'network':
      world.network.blackHole();
      await pause(random.between(BLACK_HOLE_MS.min, BLACK_HOLE_MS.max));
      world.network.heal();
      return true;
  }
}
