import type { Reporter } from '../contracts';
import { installBySystem } from '../system-packages';
import type { Environment, PackageManager } from '../system-packages';

export type { Environment } from '../system-packages';

/** Only packages that bring the server without starting it as a service. */
const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    runsAs: 'root',
    // An expression, for releases that have a version in the package's name.
    install: ['install', '-y', '--no-install-recommends', '^mariadb-server-core(-10\\.[56])?$'],
    refresh: ['update'],
  },
  { program: 'dnf', runsAs: 'root', install: ['install', '-y', 'mariadb-server'] },
  { program: 'apk', runsAs: 'root', install: ['add', '--no-cache', 'mariadb'] },
  { program: 'brew', runsAs: 'user', install: ['install', 'mariadb'] },
];

/**
 * Installs MariaDB by the system's package manager where that needs no password.
 *
 * @returns why nothing was installed; undefined after an installation
 */
export function installServer(env: Environment, reporter: Reporter): Promise<string | undefined> {
  const reason = 'no server on this machine';
  return installBySystem({ managers: PACKAGE_MANAGERS, scope: 'mysql', reason }, env, reporter);
}
