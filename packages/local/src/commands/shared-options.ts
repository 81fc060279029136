/** Options that several commands have. */
export const dataOption = {
  data: {
    type: 'string',
    value: '<folder>',
    help: 'where messages, database and synth are kept (default: .aws-micro in the project)',
  },
} as const;
