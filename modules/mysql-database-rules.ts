import type { LambdaFunction } from './function';
import type { MySqlDatabase, MySqlDatabaseProps } from './mysql-database';
import { requireInteger, requireMatch, requireThat } from './validate';

export function validateDatabase(database: MySqlDatabase, props: MySqlDatabaseProps): void {
  const { storageGb = 20, maxStorageGb = 100, adminUsername } = props;
  const nameRule =
    'lower-case letters, digits and single hyphens are allowed, up to 63, a letter first (RDS)';
  requireMatch(database, 'name', props.name, /^(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]$/, nameRule);
  const schemaRule = 'up to 64 letters, digits and _ are allowed, a letter first (RDS DBName)';
  requireMatch(database, 'databaseName', props.databaseName, /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/, schemaRule);
  const guessed = /^(admin|root|master|mysql|rdsadmin|user)$/i;
  const adminRule = 'a name of its own is needed (Security Hub RDS.25), up to 16 letters, digits and _';
  const valid = adminUsername === undefined || /^[a-zA-Z][a-zA-Z0-9_]{0,15}$/.test(adminUsername);
  requireThat(
    database,
    valid && !guessed.test(adminUsername ?? ''),
    'adminUsername',
    adminUsername,
    adminRule,
  );
  requireMatch(database, 'instanceClass', props.instanceClass, /^db\./, 'RDS classes begin with db.');
  const source = 'RDS CreateDBInstance';
  requireInteger(database, 'storageGb', storageGb, { min: 20, max: 65_536 }, source);
  requireInteger(database, 'maxStorageGb', maxStorageGb, { min: 22, max: 65_536 }, source);
  const growthRule = `storage grows in steps of a tenth: ${Math.ceil(storageGb * 1.1)} or more is needed (RDS)`;
  requireThat(database, maxStorageGb >= storageGb * 1.1, 'maxStorageGb', maxStorageGb, growthRule);
  const backups = props.backupRetentionDays;
  requireInteger(
    database,
    'backupRetentionDays',
    backups,
    { min: 1, max: 35 },
    `${source}; 0 would mean none`,
  );
  const slow = { min: 0, max: 31_536_000 };
  requireInteger(database, 'slowQuerySeconds', props.slowQuerySeconds, slow, 'MySQL long_query_time');
  const { instanceClass = 'db.t4g.micro', performanceInsights = false } = props;
  const small = /\.t(2|3|4g)\.(micro|small)$/.test(instanceClass);
  const insightsRule = `RDS has no Performance Insights on ${instanceClass} with MySQL`;
  requireThat(database, !(small && performanceInsights), 'performanceInsights', true, insightsRule);
}

export function validateUser(database: MySqlDatabase, fn: LambdaFunction, user: string): void {
  const rule = 'up to 32 letters, digits and _ are allowed (MySQL user names)';
  requireMatch(database, `user of ${fn.name}`, user, /^[a-zA-Z_][a-zA-Z0-9_]{0,31}$/, rule);
  const owner = [...database.users].find(([name, taken]) => taken === user && name !== fn.name)?.[0];
  const ownRule = `${owner} has it, and each function has its own`;
  requireThat(database, owner === undefined, `user of ${fn.name}`, user, ownRule);
}

export function validateClient(database: MySqlDatabase, fn: LambdaFunction): void {
  const inNetwork = fn.props.network === database.props.network;
  requireThat(
    database,
    inNetwork,
    'function',
    fn.name,
    "a function must be in the database's network to reach it",
  );
}
