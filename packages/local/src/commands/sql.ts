import { command } from './command';
import { dataOption } from './shared-options';

export const sql = command({
  name: 'sql',
  synopsis: '<statement>',
  summary: 'run a statement on the database of the running stack, and show its rows',
  details: `The statement is one argument, in quotes:
  aws-micro sql "SELECT * FROM messages ORDER BY id DESC LIMIT 5"`,
  options: dataOption,
  positionals: { min: 1, max: 1 },
  async run({ values, positionals: [statement = ''], terminal }) {
    const { runSql } = await import('../sql');
    const result = await runSql({ folder: '.', dataFolder: values.data, statement });
    if (typeof result === 'number') await terminal.print(`${result} rows changed`);
    else if (result.length === 0) await terminal.print('no rows');
    else console.table(result);
  },
});
