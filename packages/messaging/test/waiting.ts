import { setTimeout as sleep } from 'node:timers/promises';

const LOOKS = 2_000;
const LOOK_MS = 5;

/** Waits until something is so; the test's own timeout is what ends it otherwise. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (await isSo()) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`not so after ${LOOKS} looks: ${isSo.toString()}`);
}

/** A promise that the test resolves. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** What has these fields, among others. */
export function like(fields: object): Error {
  return expect.objectContaining(fields) as Error;
}
