import { text } from '../expression/values';
import type { Attribute, Attributes } from './types';
import { arn, drawnId, same } from './types';

const functionArn = arn('lambda', (fn) => `function:${fn.text('function_name')}`);

function invokeArn(of: Attribute): Attribute {
  return (resource, resolver) =>
    `arn:aws:apigateway:${resource.region}:lambda:path/2015-03-31/functions/` +
    `${text(of(resource, resolver))}/invocations`;
}

const aliasArn: Attribute = (alias, resolver) => {
  const name = alias
    .text('function_name')
    .replace(/^arn:.*:function:/, '')
    .split(':')[0];
  return `arn:aws:lambda:${alias.region}:${resolver.accountId}:function:${name}:${alias.text('name')}`;
};

const layerArn = arn('lambda', (layer) => `layer:${layer.text('layer_name')}:1`);

/** Lambda functions and what belongs to them. Every version of a function is the one that is here. */
export const lambda: Readonly<Record<string, Attributes>> = {
  aws_lambda_function: {
    arn: functionArn,
    id: same('function_name'),
    version: () => '$LATEST',
    qualified_arn: (fn, resolver) => `${text(functionArn(fn, resolver))}:$LATEST`,
    invoke_arn: invokeArn(functionArn),
    qualified_invoke_arn: invokeArn((fn, resolver) => `${text(functionArn(fn, resolver))}:$LATEST`),
    source_code_hash: (fn) => drawnId(fn.address, 44),
  },
  aws_lambda_alias: { arn: aliasArn, id: aliasArn, invoke_arn: invokeArn(aliasArn) },
  aws_lambda_event_source_mapping: {
    uuid: (mapping) => drawnId(mapping.address, 36),
    id: same('uuid'),
    function_arn: same('function_name'),
  },
  aws_lambda_layer_version: {
    arn: layerArn,
    id: layerArn,
    layer_arn: arn('lambda', (layer) => `layer:${layer.text('layer_name')}`),
    version: () => '1',
  },
  aws_lambda_permission: { id: (permission) => permission.optionalText('statement_id') ?? permission.name },
};
