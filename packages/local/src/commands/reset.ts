import { command } from './command';
import { dataOption } from './shared-options';

export const reset = command({
  name: 'reset',
  synopsis: '[folder]',
  summary: 'delete what runs left behind: messages, database, synth',
  options: dataOption,
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [folder = '.'], terminal }) {
    const { reset: clear } = await import('../up/reset');
    await terminal.print(await clear(folder, values.data));
  },
});
