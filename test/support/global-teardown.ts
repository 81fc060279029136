import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  const database = globalThis.testDatabase;
  if (database === undefined) return;
  await database.server.stop();
  rmSync(database.dataDir, { recursive: true, force: true });
}
