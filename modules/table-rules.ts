import type { KeyAttribute, Projection, Table, TableProps } from './table';
import { requireInteger, requireMatch, requireThat } from './validate';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const LIMITS = { globalIndexes: 20, localIndexes: 5, includedAttributes: 100 };
const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const NAME_RULE = '3 to 255 letters, digits, _, - and . are allowed (DynamoDB naming rules)';

/** Every attribute that is part of some key, once, by name: DynamoDB wants to know no others. */
export function attributesOf(props: TableProps): KeyAttribute[] {
  const byName = new Map(keysOf(props).map(({ name, type }) => [name, { name, type }]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function validateTable(table: Table, props: TableProps): void {
  requireMatch(table, 'name', props.name, NAME, NAME_RULE);
  validateKeys(table, props);
  validateIndexes(table, props);
  const days = { min: 1, max: 35 };
  requireInteger(table, 'recoveryDays', props.recoveryDays, days, 'DynamoDB RecoveryPeriodInDays');
  const ttl = props.timeToLiveAttribute;
  requireMatch(
    table,
    'timeToLiveAttribute',
    ttl,
    /^.{1,255}$/s,
    '1 to 255 characters are allowed (DynamoDB UpdateTimeToLive)',
  );
}

function keysOf({
  partitionKey,
  sortKey,
  globalIndexes = {},
  localIndexes = {},
}: TableProps): KeyAttribute[] {
  const indexes = [...Object.values(globalIndexes), ...Object.values(localIndexes)];
  const keys = [
    partitionKey,
    sortKey,
    ...indexes.flatMap((index) => ['partitionKey' in index ? index.partitionKey : undefined, index.sortKey]),
  ];
  return keys.filter((key) => key !== undefined);
}

function validateKeys(table: Table, props: TableProps): void {
  const types = new Map<string, string>();
  for (const { name, type } of keysOf(props)) {
    requireMatch(
      table,
      'key',
      name,
      /^.{1,255}$/s,
      '1 to 255 characters are allowed (DynamoDB naming rules)',
    );
    const known = types.get(name) ?? type;
    requireThat(table, known === type, `type of ${name}`, type, `another key says ${known}`);
    types.set(name, type);
  }
}

function validateIndexes(table: Table, props: TableProps): void {
  const { globalIndexes = {}, localIndexes = {} } = props;
  const [globals, locals] = [Object.keys(globalIndexes), Object.keys(localIndexes)];
  const source = '(DynamoDB quotas)';
  const many = (property: 'globalIndexes' | 'localIndexes', count: number) =>
    requireThat(
      table,
      count <= LIMITS[property],
      `number of ${property}`,
      count,
      `${LIMITS[property]} at most ${source}`,
    );
  many('globalIndexes', globals.length);
  many('localIndexes', locals.length);
  const sortRule = 'local indexes sort within a partition, so the table needs a sortKey';
  requireThat(table, locals.length === 0 || props.sortKey !== undefined, 'localIndexes', locals, sortRule);
  for (const name of [...globals, ...locals]) requireMatch(table, 'index', name, NAME, NAME_RULE);
  const twice = globals.find((name) => locals.includes(name));
  requireThat(table, twice === undefined, 'index', twice, 'a global and a local index have this name');
  const included = [...Object.values(globalIndexes), ...Object.values(localIndexes)].map(({ projection }) => {
    return attributesIncluded(table, projection);
  });
  const total = included.reduce((sum, count) => sum + count, 0);
  const rule = `all indexes together include ${LIMITS.includedAttributes} at most ${source}`;
  requireThat(table, total <= LIMITS.includedAttributes, 'number of included attributes', total, rule);
}

function attributesIncluded(table: Table, projection: Projection | undefined): number {
  if (projection === undefined || typeof projection === 'string') return 0;
  const { include } = projection;
  const rule = 'one or more different attributes are needed; KEYS_ONLY includes none';
  const holds = include.length > 0 && new Set(include).size === include.length;
  requireThat(table, holds, 'projection.include', include, rule);
  return include.length;
}
