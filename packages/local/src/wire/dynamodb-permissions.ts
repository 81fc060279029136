import { tableName } from '../dynamodb';
import type { Input, Permission, WireContext } from './protocol';
import { isInput } from './protocol';

type Permissions = (input: Input, context: WireContext) => readonly Permission[];

/** The action on the table, or on the index that it reads. */
export function onTable(action: string): Permissions {
  return (input, context) => [permission(action, input, context)];
}

/** The action on a resource that is given by its ARN. */
export function onResource(action: string): Permissions {
  return (input) => [{ action, resource: typeof input.ResourceArn === 'string' ? input.ResourceArn : '*' }];
}

/** The action on every table of a batch. */
export function onEachTable(action: string): Permissions {
  return ({ RequestItems }, context) =>
    inputs(RequestItems).map(([TableName, request]) => {
      const requests = Array.isArray(request) ? request.filter(isInput) : [];
      const keys = isInput(request) ? list(request.Keys) : requests.map(keyInBatch);
      const parts = [...(isInput(request) ? [request] : []), ...keys.map((Item) => ({ Item }))];
      return permission(action, { TableName }, context, parts);
    });
}

const TRANSACTED = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
} as const;

/**
 * What each part of a transaction would need by itself.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
export function onEachPart(operation: string): Permissions {
  return ({ TransactItems }, context) =>
    list(TransactItems).flatMap((member) =>
      Object.entries(TRANSACTED).flatMap(([kind, action]) => {
        const part = member[kind];
        return isInput(part) ? [permission(action, part, context, [part], operation)] : [];
      }),
    );
}

function permission(
  action: string,
  input: Input,
  context: WireContext,
  parts: readonly Input[] = [input],
  enclosing?: string,
): Permission {
  const { region, accountId } = context.broker.locale;
  const name = tableName(input.TableName);
  const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
  const resource = typeof input.IndexName === 'string' ? `${arn}/index/${input.IndexName}` : arn;
  const conditions = () => {
    const partitionKey = context.dynamodb?.opened?.partitionKey(name);
    const keys = parts.flatMap((part) => leadingKeys(part, partitionKey));
    const attributes = [...new Set(parts.flatMap(attributesIn))];
    return new Map<string, string | readonly string[]>([
      ...(keys.length === 0 ? [] : ([['dynamodb:leadingkeys', keys]] as const)),
      ...(attributes.length === 0 ? [] : ([['dynamodb:attributes', attributes]] as const)),
      ...(enclosing === undefined ? [] : ([['dynamodb:enclosingoperation', enclosing]] as const)),
      ...texts(input),
    ]);
  };
  return { action, resource, conditions };
}

/** Condition keys that are members of the request, or what stands for them. */
function texts(input: Input): [string, string][] {
  const { ReturnValues, ReturnConsumedCapacity, Select, ProjectionExpression, AttributesToGet } = input;
  const named = ProjectionExpression !== undefined || AttributesToGet !== undefined;
  const select = Select ?? (named ? 'SPECIFIC_ATTRIBUTES' : undefined);
  return [
    ['dynamodb:returnvalues', ReturnValues ?? 'NONE'],
    ['dynamodb:returnconsumedcapacity', ReturnConsumedCapacity],
    ['dynamodb:select', select],
  ].filter((pair): pair is [string, string] => typeof pair[1] === 'string');
}

/** Values of the partition key: in a key, an item, or the condition of a query. */
function leadingKeys(input: Input, partitionKey: string | undefined): string[] {
  if (partitionKey === undefined) return [];
  const whole = input.Key ?? input.Item;
  if (isInput(whole)) return scalar(whole[partitionKey]);
  const { KeyConditions, KeyConditionExpression: expression } = input;
  if (isInput(KeyConditions)) {
    const condition = KeyConditions[partitionKey];
    return isInput(condition) ? list(condition.AttributeValueList).flatMap(scalar) : [];
  }
  if (typeof expression !== 'string') return [];
  for (const [, left, right] of expression.matchAll(/([#\w-]+)\s*=\s*(:\w+)/g)) {
    if (named(left!, input) === partitionKey)
      return scalar(
        isInput(input.ExpressionAttributeValues) ? input.ExpressionAttributeValues[right!] : undefined,
      );
  }
  return [];
}

function scalar(value: unknown): string[] {
  const scalar = isInput(value) ? (value.S ?? value.N ?? value.B) : undefined;
  return typeof scalar === 'string' ? [scalar] : [];
}

const EXPRESSIONS = [
  'ProjectionExpression',
  'UpdateExpression',
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
];
const MAPS = ['Key', 'Item', 'AttributeUpdates', 'Expected', 'KeyConditions', 'QueryFilter', 'ScanFilter'];
const KEYWORDS = new Set(['set', 'remove', 'add', 'delete', 'and', 'or', 'not', 'between', 'in']);

/** Names of the top-level attributes that a request says. */
function attributesIn(input: Input): string[] {
  const inExpressions = EXPRESSIONS.flatMap((name) => {
    const expression = input[name];
    if (typeof expression !== 'string') return [];
    // The beginning of a path: no value, no function, not after a dot.
    const names = [...expression.matchAll(/(?<![.\w#:-])[#A-Za-z_][\w-]*(?!\s*\(|[\w-])/g)].map(
      ([text]) => text,
    );
    return names.filter((text) => !KEYWORDS.has(text.toLowerCase())).map((text) => named(text, input));
  });
  const inMaps = MAPS.flatMap((name) => inputs(input[name]).map(([key]) => key));
  const { AttributesToGet } = input;
  const listed = Array.isArray(AttributesToGet) ? AttributesToGet.map(String) : [];
  return [...inExpressions, ...inMaps, ...listed];
}

function named(name: string, { ExpressionAttributeNames }: Input): string {
  const real = isInput(ExpressionAttributeNames) ? ExpressionAttributeNames[name] : undefined;
  return typeof real === 'string' ? real : name;
}

function keyInBatch({ PutRequest, DeleteRequest }: Input): Input {
  const whole = isInput(PutRequest)
    ? PutRequest.Item
    : isInput(DeleteRequest)
      ? DeleteRequest.Key
      : undefined;
  return isInput(whole) ? whole : {};
}

function inputs(value: unknown): [string, unknown][] {
  return isInput(value) ? Object.entries(value) : [];
}

function list(value: unknown): Input[] {
  return Array.isArray(value) ? value.filter(isInput) : [];
}
