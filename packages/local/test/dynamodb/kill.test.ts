import { join } from 'node:path';
import type { DynamoDb } from '../../src/dynamodb';
import { runUntilKilled } from '../support/killed-process';
import { ACCOUNTS } from './killed-tables';
import { ORDERS, scan, TestDynamoDb } from './support';

const SCRIPT = join(__dirname, 'killed-tables.ts');
const KILLS = 3;
const FACTS = 1500;

const facts = { put: new Set<string>(), closing: new Set<string>(), closed: new Set<string>() };

async function balances(tables: DynamoDb): Promise<number> {
  const accounts = await scan(tables, 'accounts');
  return accounts.reduce((sum, { balance }) => sum + Number((balance as { N: string }).N), 0);
}

test('kill -9 loses nothing that was acknowledged, splits no transaction and leaves no index behind', async () => {
  const store = new TestDynamoDb();
  try {
    const tables = await store.open();
    await tables.execute('CreateTable', ORDERS);
    await tables.execute('CreateTable', {
      ...ORDERS,
      TableName: 'accounts',
      AttributeDefinitions: ORDERS.AttributeDefinitions.slice(0, 1),
      GlobalSecondaryIndexes: undefined,
    });
    for (let kill = 0; kill < KILLS; kill += 1) {
      await store.lazy.close();
      await runUntilKilled(SCRIPT, [store.folder, `run${kill}`], facts, FACTS + 317 * kill);
      const restored = await store.reopen();
      const ids = (items: Record<string, unknown>[]) => items.map(({ id }) => (id as { S: string }).S);
      const items = await scan(restored, 'orders');
      const there = new Set(ids(items));
      const indexed = new Set(ids(await scan(restored, 'orders', 'by-state')));
      const open = ids(items.filter(({ state }) => state !== undefined));
      const lost = [...facts.put].filter((id) => !there.has(id));
      const reopened = [...facts.closed].filter((id) => indexed.has(id));
      const lostFromIndex = [...facts.put].filter((id) => !facts.closing.has(id) && !indexed.has(id));
      expect({ lost, reopened, lostFromIndex, sum: await balances(restored) }).toEqual({
        lost: [],
        reopened: [],
        lostFromIndex: [],
        sum: 0,
      });
      expect([...indexed].sort()).toEqual(open.sort());
    }
    expect(facts.closed.size).toBeGreaterThan(0);
    expect(await scan(await store.open(), 'accounts')).toHaveLength(ACCOUNTS);
  } finally {
    await store.remove();
  }
}, 60_000);
