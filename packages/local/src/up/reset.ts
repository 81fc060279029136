import { existsSync } from 'node:fs';
import { openFolder, readState } from '../mysql/files';
import { endLeftover } from '../mysql/leftover';
import { findProject } from '../synth';
import { DataFolder } from './data-folder';

/**
 * Deletes what a project's runs left behind: messages, database, synth.
 *
 * @returns a line that says what was done
 * @throws UserError where the runtime is running
 */
export async function reset(folder: string, otherDataFolder?: string): Promise<string> {
  const { dataFolder } = findProject(folder, otherDataFolder);
  if (!existsSync(dataFolder)) {
    return `There is no ${dataFolder}: nothing to clear`;
  }
  const data = await DataFolder.open(dataFolder);
  await endDatabase(data.at('mysql'));
  await data.clear();
  return `Cleared ${dataFolder}`;
}

/** A killed run's server may still be on its way out, on files that are about to go. */
async function endDatabase(folder: string): Promise<void> {
  if (existsSync(folder)) {
    const files = await openFolder(folder);
    const { ownerPid } = await readState(files);
    await endLeftover(files, ownerPid);
  }
}
