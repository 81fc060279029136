import { toJsonSchema } from '@valibot/to-json-schema';
import { fileSchema } from './schema';

/** The JSON schema (draft 2020-12) of the configuration file. */
export function configSchema(): Record<string, unknown> {
  const schema = toJsonSchema(fileSchema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    // What a key is called elsewhere is no part of a schema.
    ignoreActions: ['metadata'],
  });
  return {
    ...schema,
    title: 'Configuration of the messaging server',
    description: 'Keys for every environment, and in `environments` what each has beyond them.',
  };
}
