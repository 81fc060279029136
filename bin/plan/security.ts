import { decode, diff, isObject } from './diff';
import type { Shown, ShownChange, ShownObject } from './shown';

export interface SecurityReview {
  /** What a reviewer looks at here: `permissions`, `firewall`, ...; undefined where the change is of no interest. */
  readonly concern: string | undefined;
  /** What the change opens: sentences that belong in front of a plan. */
  readonly opens: readonly string[];
}

const concerns: readonly (readonly [RegExp, string])[] = [
  [/^aws_iam_/, 'permissions'],
  [/^aws_(lambda_permission|lambda_function_url|lambda_layer_version_permission)$/, 'permissions'],
  [/^aws_.*_(resource_)?policy(_document)?$/, 'permissions'],
  [/^aws_(kms_key|kms_grant|kms_key_policy|kms_alias)$/, 'encryption'],
  [/^aws_secretsmanager_/, 'secrets'],
  [/^aws_(default_)?(security_group|network_acl)/, 'firewall'],
  [/^aws_vpc_security_group_/, 'firewall'],
  [
    /^aws_(internet_gateway|nat_gateway|route|route_table|default_route_table|vpc_endpoint|eip)/,
    'network reach',
  ],
  [/^aws_s3_(bucket|account)_(public_access_block|acl|ownership_controls)$/, 'public access'],
  [/^aws_s3_bucket_server_side_encryption_configuration$/, 'encryption'],
  [/^aws_(apigatewayv?2?|api_gateway)_authorizer$/, 'authorization'],
  [/^aws_(cloudtrail|flow_log|guardduty_|config_|wafv2_)/, 'monitoring'],
];

/** Attributes that matter on any resource; looked at only when they change. */
const attributes: Readonly<Record<string, string>> = {
  assume_role_policy: 'permissions',
  authorization_type: 'authorization',
  ca_cert_identifier: 'encryption',
  cors_configuration: 'public access',
  iam_database_authentication_enabled: 'authorization',
  kms_key_arn: 'encryption',
  kms_key_id: 'encryption',
  kms_master_key_id: 'encryption',
  map_public_ip_on_launch: 'public access',
  parameter_group_name: 'encryption',
  policy: 'permissions',
  publicly_accessible: 'public access',
  role: 'permissions',
  security_groups: 'firewall',
  server_side_encryption: 'encryption',
  sqs_managed_sse_enabled: 'encryption',
  storage_encrypted: 'encryption',
  vpc_security_group_ids: 'firewall',
};

/** What a security review looks at in a change. */
export function securityOf(type: string, change: ShownChange, replaced: boolean): SecurityReview {
  const before = openings(type, change.before);
  const opens = [...openings(type, change.after), ...unguarded(type, change.after)].filter(
    (text) => !before.includes(text),
  );
  const byType = concerns.find(([pattern]) => pattern.test(type))?.[1];
  const fallback = opens.length > 0 ? 'public access' : undefined;
  return { concern: byType ?? changedAttribute(change, replaced) ?? fallback, opens };
}

function changedAttribute({ before, after }: ShownChange, replaced: boolean): string | undefined {
  if (!isObject(before) || !isObject(after)) return undefined;
  const changed = Object.keys(attributes).find((name) => {
    const { lines, unknown } = diff({ before: before[name], after: after[name] });
    // A replacement makes every attribute that AWS sets unknown; that alone says nothing.
    return lines.length > 0 || (unknown.length > 0 && !replaced);
  });
  return changed === undefined ? undefined : attributes[changed];
}

function openings(type: string, resource: Shown): string[] {
  if (!isObject(resource)) return [];
  const policies = ['policy', 'assume_role_policy', 'access_policy'].flatMap((name) =>
    policyOpenings(type, resource[name]),
  );
  return [...new Set([...policies, ...networkOpenings(type, resource), ...flagOpenings(type, resource)])];
}

/** Resources whose absence opens something. */
function unguarded(type: string, after: Shown): string[] {
  const isGuard =
    type === 'aws_s3_bucket_public_access_block' || type === 'aws_s3_account_public_access_block';
  return isGuard && !isObject(after) ? ['public access is not blocked any more'] : [];
}

function flagOpenings(type: string, resource: ShownObject): string[] {
  const found: string[] = [];
  if (resource['publicly_accessible'] === true) found.push('it gets a public address');
  if (resource['map_public_ip_on_launch'] === true) found.push('what starts in it gets a public address');
  if (type === 'aws_apigatewayv2_route' && resource['authorization_type'] === 'NONE') {
    found.push('anyone may call it (authorization NONE)');
  }
  if (type === 'aws_api_gateway_method' && resource['authorization'] === 'NONE') {
    found.push('anyone may call it (authorization NONE)');
  }
  if (type === 'aws_lambda_function_url' && resource['authorization_type'] === 'NONE') {
    found.push('anyone may call the function (authorization NONE)');
  }
  if (type === 'aws_s3_bucket_public_access_block') {
    const open = [
      'block_public_acls',
      'block_public_policy',
      'ignore_public_acls',
      'restrict_public_buckets',
    ].filter((name) => resource[name] !== true);
    if (open.length > 0) found.push(`public access is not blocked: ${open.join(', ')}`);
  }
  return found;
}

function networkOpenings(type: string, resource: ShownObject): string[] {
  if (type === 'aws_vpc_security_group_ingress_rule') return isWorld(resource) ? [openTo(resource)] : [];
  if (type === 'aws_security_group_rule') {
    return resource['type'] === 'ingress' && isWorld(resource) ? [openTo(resource)] : [];
  }
  if (type !== 'aws_security_group' && type !== 'aws_default_security_group') return [];
  const rules = Array.isArray(resource['ingress']) ? resource['ingress'] : [];
  return rules.filter(isObject).filter(isWorld).map(openTo);
}

function isWorld(rule: ShownObject): boolean {
  const ranges = ['cidr_ipv4', 'cidr_ipv6', 'cidr_blocks', 'ipv6_cidr_blocks'].flatMap((name) => rule[name]);
  return ranges.some((range) => range === '0.0.0.0/0' || range === '::/0');
}

function openTo(rule: ShownObject): string {
  const [from, to] = [rule['from_port'], rule['to_port']];
  if (typeof from !== 'number' || typeof to !== 'number' || from === -1)
    return 'every port is open to the internet';
  return from === to
    ? `port ${from} is open to the internet`
    : `ports ${from} to ${to} are open to the internet`;
}

function policyOpenings(type: string, policy: Shown): string[] {
  const document = decode(policy);
  if (!isObject(document)) return [];
  const statements = [document['Statement']].flat().filter(isObject);
  return statements
    .filter((statement) => statement['Effect'] === 'Allow')
    .flatMap((statement) => statementOpenings(type, statement));
}

function statementOpenings(type: string, statement: ShownObject): string[] {
  const found: string[] = [];
  // The policy of an endpoint grants nothing: who passes it still needs a right to each action.
  const grants = type !== 'aws_vpc_endpoint';
  const actions = [statement['Action']].flat().filter((action) => typeof action === 'string');
  const wild = actions.filter((action) => action === '*' || action.endsWith(':*'));
  if (grants && wild.length > 0 && !isOwnAccount(statement['Principal'])) {
    found.push(`a policy allows every action of ${wild.join(', ')}`);
  }
  if (grants && 'NotAction' in statement) found.push('a policy allows every action but a few (NotAction)');
  if (anyone(statement['Principal']) && !isObject(statement['Condition'])) {
    found.push('a policy allows anyone, without a condition');
  }
  return found;
}

/** A key policy leaves the decision to the account's IAM policies by allowing its root everything. */
function isOwnAccount(principal: Shown): boolean {
  const accounts = isObject(principal) ? [principal['AWS']].flat() : [];
  return accounts.length > 0 && accounts.every((arn) => typeof arn === 'string' && accountRoot.test(arn));
}

/** Partition and account may still be references to data sources. */
const accountRoot = /^arn:(aws[\w-]*|\$\{[^}]+\}):iam::(\d+|\$\{[^}]+\}):root$/;

function anyone(principal: Shown): boolean {
  if (principal === '*') return true;
  return isObject(principal) && Object.values(principal).flat().includes('*');
}
