/**
 * Moves amounts between accounts and events through an index until it is killed, and says what was acknowledged: one line a
 * fact. Run with the store's folder and a prefix.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/clock';
import { LazyDynamoDb } from '../../src/dynamodb';
import { localLocale } from '../../src/engine';
import { Lines } from '../support/lines';

const WRITERS = 8;
export const ACCOUNTS = 10;

async function main(folder: string, prefix: string): Promise<void> {
  const lazy = new LazyDynamoDb({ folder, clock: systemClock, reporter: new Lines(), locale: localLocale });
  const tables = await lazy.get();
  const acknowledge = (fact: string) => writeSync(1, `${fact}\n`);
  const transfer = async (from: number, to: number) => {
    const add = (account: number, amount: string) => ({
      Update: {
        TableName: 'accounts',
        Key: { id: { S: `account-${account}` } },
        UpdateExpression: 'ADD balance :a',
        ExpressionAttributeValues: { ':a': { N: amount } },
      },
    });
    await tables.execute('TransactWriteItems', { TransactItems: [add(from, '-1'), add(to, '1')] });
  };
  const write = async (writer: number): Promise<void> => {
    for (let i = 0; ; i += 1) {
      const id = `${prefix}-${writer}-${i}`;
      const Item = { id: { S: id }, state: { S: 'open' }, at: { N: String(i) } };
      await tables.execute('PutItem', { TableName: 'orders', Item });
      acknowledge(`put ${id}`);
      await transfer((writer + i) % ACCOUNTS, (writer + i + 1) % ACCOUNTS);
      if (i % 2 === 1) {
        acknowledge(`closing ${id}`);
        await tables.execute('UpdateItem', {
          TableName: 'orders',
          Key: { id: { S: id } },
          UpdateExpression: 'REMOVE #s',
          ExpressionAttributeNames: { '#s': 'state' },
        });
        acknowledge(`closed ${id}`);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
}

const [folder, prefix] = process.argv.slice(2);
if (folder !== undefined && prefix !== undefined) void main(folder, prefix);
