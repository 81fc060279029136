import type { Engine } from './engine';
import type { ServerFiles } from './files';

/** MySQL 8.4's own, so that MariaDB refuses what RDS would refuse. */
const SQL_MODE =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** Options that hold for every run of a private server, also while its data directory is made. */
export function commonOptions(engine: Engine, dataFolder: string): string[] {
  const runsAsRoot = process.getuid?.() === 0;
  return [
    '--no-defaults',
    `--datadir=${dataFolder}`,
    // Both servers refuse to run as root unless told; another user could not enter a project below /root.
    ...(runsAsRoot ? ['--user=root'] : []),
    '--skip-log-bin',
    '--character-set-server=utf8mb4',
    '--innodb-buffer-pool-size=32M',
    '--innodb-log-buffer-size=4M',
    '--innodb-autoextend-increment=4',
    ...(engine.flavor === 'mariadb'
      ? ['--innodb-log-file-size=32M', '--innodb-temp-data-file-path=ibtmp1:1M:autoextend']
      : ['--loose-innodb-redo-log-capacity=32M']),
  ];
}

/**
 * Options of the running server: reachable by TLS on the loopback interface only, durable as RDS is by default, and small,
 * because its memory counts as the runtime's.
 */
export function serverOptions(engine: Engine, files: ServerFiles, port: number): string[] {
  return [
    ...commonOptions(engine, files.data),
    `--pid-file=${files.pid}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    // No socket file: its path may be too long for one, and a second server must not meet it.
    '--socket=',
    '--require-secure-transport=ON',
    `--ssl-ca=${files.ca}`,
    `--ssl-cert=${files.certificate}`,
    `--ssl-key=${files.key}`,
    '--local-infile=OFF',
    '--skip-name-resolve',
    '--default-time-zone=+00:00',
    `--sql-mode=${SQL_MODE}`,
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-load-at-startup=OFF',
    '--innodb-buffer-pool-dump-at-shutdown=OFF',
    '--performance-schema=OFF',
    '--max-allowed-packet=64M',
    '--max-connections=100',
    '--table-open-cache=200',
    '--thread-cache-size=4',
    '--key-buffer-size=64K',
    ...(engine.flavor === 'mariadb'
      ? ['--aria-pagecache-buffer-size=1M', '--query-cache-size=0', '--log-warnings=1']
      : ['--mysqlx=OFF']),
  ];
}
