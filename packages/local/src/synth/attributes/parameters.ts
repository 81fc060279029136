import type { Attributes } from './types';
import { same } from './types';

/** Systems Manager's parameters: known to the stacks that read them. */
export const parameters: Readonly<Record<string, Attributes>> = {
  aws_ssm_parameter: {
    id: same('name'),
    arn: (parameter, resolver) =>
      `arn:aws:ssm:${parameter.region}:${resolver.accountId}:parameter/${parameter.text('name').replace(/^\//, '')}`,
    value: (parameter) => parameter.optionalText('insecure_value') ?? '',
    insecure_value: (parameter) => parameter.optionalText('value') ?? '',
    type: () => 'String',
    version: () => 1,
  },
};
