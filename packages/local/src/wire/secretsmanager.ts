import { ServiceError } from '../engine';
import { jsonProtocol, targetOf } from './json-protocol';
import { page } from './paging';
import type { Call, Input, Operations, Output, Service, WireContext } from './protocol';
import { optionalInteger, optionalText, text } from './protocol';
import type { Secret, SecretValue, SecretVersion } from './secrets';

const TARGET = 'secretsmanager';
const MAX_RESULTS = 100;
const NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const MAX_VALUE_BYTES = 65_536;

const operations: Operations = {
  CreateSecret: { resource: (input, context) => arnOfName(text(input, 'Name'), context), run: createSecret },
  DescribeSecret: { resource: requestedArn, run: describeSecret },
  GetSecretValue: { resource: requestedArn, run: getSecretValue },
  ListSecrets: { run: listSecrets },
  PutSecretValue: { resource: requestedArn, run: putSecretValue },
};

const CODES: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'InvalidParameterException',
  MissingParameter: 'InvalidParameterException',
};

const json = jsonProtocol({ version: '1.1', target: TARGET });

export const secretsmanager: Service = {
  name: 'secretsmanager',
  recognizes: (request) => targetOf(request, TARGET) !== undefined,
  protocol: () => ({
    ...json,
    error: (error, requestId) =>
      json.error(new ServiceError(CODES[error.code] ?? error.code, error.message, error.status), requestId),
  }),
  operations,
  denied: (message) => new ServiceError('AccessDeniedException', message, 400),
};

function arnPrefix(context: WireContext): string {
  const { region, accountId } = context.broker.locale;
  return `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
}

function arnOfName(name: string, context: WireContext): string {
  return `${arnPrefix(context)}${name}-??????`;
}

function requestedArn(input: Input, context: WireContext): string {
  const id = text(input, 'SecretId');
  return context.secrets.find(id)?.arn ?? (id.startsWith('arn:') ? id : arnOfName(id, context));
}

function requested(input: Input, { context }: Call): Secret {
  const secret = context.secrets.find(text(input, 'SecretId'));
  if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
  return secret;
}

function createSecret(input: Input, { context }: Call): Output {
  const name = text(input, 'Name');
  if (!NAME.test(name))
    throw new ServiceError('InvalidParameterException', `Invalid name: ${name.slice(0, 100)}`);
  if (context.secrets.find(name)) {
    const reason = `The operation failed because the secret ${name} already exists.`;
    throw new ServiceError('ResourceExistsException', reason);
  }
  const description = optionalText(input, 'Description');
  const secret = context.secrets.create(arnPrefix(context), name, description, valueOf(input));
  return { ARN: secret.arn, Name: secret.name, VersionId: secret.current?.id };
}

function putSecretValue(input: Input, call: Call): Output {
  const value = valueOf(input);
  if (value.text === undefined && value.binary === undefined) {
    throw new ServiceError(
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    );
  }
  const versionId = optionalText(input, 'ClientRequestToken');
  const secret = call.context.secrets.putValue(requested(input, call), value, versionId);
  return { ARN: secret.arn, Name: secret.name, VersionId: secret.current?.id, VersionStages: ['AWSCURRENT'] };
}

function valueOf(input: Input): SecretValue {
  const value = { text: optionalText(input, 'SecretString'), binary: optionalText(input, 'SecretBinary') };
  if (Buffer.byteLength(value.text ?? value.binary ?? '') > MAX_VALUE_BYTES) {
    throw new ServiceError(
      'InvalidParameterException',
      `The secret value must be at most ${MAX_VALUE_BYTES} bytes.`,
    );
  }
  return value;
}

function getSecretValue(input: Input, call: Call): Output {
  const secret = requested(input, call);
  const { version, stage } = versionOf(secret, input);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: version.text,
    SecretBinary: version.binary,
    VersionStages: [stage],
    CreatedDate: version.createdAt / 1000,
  };
}

function versionOf(secret: Secret, input: Input): { version: SecretVersion; stage: string } {
  const id = optionalText(input, 'VersionId');
  const stage = optionalText(input, 'VersionStage') ?? (id === undefined ? 'AWSCURRENT' : undefined);
  for (const [version, label] of labelled(secret)) {
    if ((id === undefined || version.id === id) && (stage === undefined || stage === label)) {
      return { version, stage: label };
    }
  }
  throw notFound(
    `Secrets Manager can't find the specified secret value for ${id ? `VersionId: ${id}` : `staging label: ${stage}`}`,
  );
}

function labelled(secret: Secret): [SecretVersion, string][] {
  const versions: [SecretVersion, string][] = [];
  if (secret.current) versions.push([secret.current, 'AWSCURRENT']);
  if (secret.previous) versions.push([secret.previous, 'AWSPREVIOUS']);
  return versions;
}

function describeSecret(input: Input, call: Call): Output {
  return describe(requested(input, call), 'VersionIdsToStages');
}

function listSecrets(input: Input, { context }: Call): Output {
  const size = optionalInteger(input, 'MaxResults', 1, MAX_RESULTS) ?? MAX_RESULTS;
  const token = optionalText(input, 'NextToken');
  const { items, nextToken } = page(context.secrets.list(), size, token, 'InvalidNextTokenException');
  return {
    SecretList: items.map((secret) => describe(secret, 'SecretVersionsToStages')),
    NextToken: nextToken,
  };
}

function describe(secret: Secret, stagesMember: string): Output {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: (secret.current?.createdAt ?? secret.createdAt) / 1000,
    [stagesMember]: Object.fromEntries(labelled(secret).map(([version, label]) => [version.id, [label]])),
  };
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}
