import { createHash } from 'node:crypto';
import type { Invoker, Reporter } from '../contracts';
import { UserError } from '../errors';
import type { Resolver, Resource } from '../synth';
import type { DataFolder } from './data-folder';
import { NOT_HOSTED } from './packages';

/**
 * Runs the stack's `aws_lambda_invocation`s whose input or triggers changed since they last ran, as a deploy would.
 *
 * @param databaseIdentity an invocation that prepared one database has not prepared another
 * @throws {@link UserError} with the function's error, where it fails
 */
export async function runInvocations(
  resolver: Resolver,
  invoker: Invoker,
  data: DataFolder,
  databaseIdentity: string | undefined,
  reporter: Reporter,
): Promise<void> {
  for (const invocation of inOrder(resolver.resources('aws_lambda_invocation'))) {
    const key = fingerprint(invocation, databaseIdentity);
    if (data.state.invocations[invocation.address] === key) {
      continue;
    }
    const functionName = invocation.text('function_name');
    reporter.event(functionName, `invoked as at a deploy, with ${invocation.text('input')}`);
    const { payload, functionError } = await invoker.invoke(functionName, invocation.text('input'));
    if (functionError !== undefined) {
      const { errorType, errorMessage } = JSON.parse(payload) as {
        errorType?: string;
        errorMessage?: string;
      };
      if (errorType === NOT_HOSTED) {
        reporter.warn(functionName, `${invocation.address}: ${errorMessage}`);
        continue;
      }
      throw new UserError(
        `${invocation.address}: ${functionName} failed: ${errorType ?? 'Error'}: ${errorMessage ?? payload}`,
      );
    }
    reporter.event(functionName, `answered ${payload}`);
    data.remember({ invocations: { ...data.state.invocations, [invocation.address]: key } });
  }
}

/** Each after those whose result it uses, or that it depends on; otherwise as they stand in the stacks. */
function inOrder(invocations: readonly Resource[]): Resource[] {
  const ordered = new Set<Resource>();
  const add = (invocation: Resource, path: readonly Resource[]) => {
    if (ordered.has(invocation) || path.includes(invocation)) return;
    const needed = neededBy(invocation);
    invocations
      .filter(({ address }) => needed.some((name) => address === name || address.startsWith(`${name}[`)))
      .forEach((each) => add(each, [...path, invocation]));
    ordered.add(invocation);
  };
  invocations.forEach((invocation) => add(invocation, []));
  return [...ordered];
}

function neededBy(invocation: Resource): string[] {
  const { address, type, body } = invocation;
  const prefix = address.slice(0, address.lastIndexOf(`${type}.`));
  const named = Array.isArray(body['depends_on']) ? (body['depends_on'] as readonly unknown[]) : [];
  return [
    ...['input', 'triggers'].flatMap((argument) => invocation.references(argument, type)),
    ...named.map((name) => `${prefix}${String(name).replace(/^\$\{|\}$/g, '')}`),
  ];
}

function fingerprint(invocation: Resource, databaseIdentity: string | undefined): string {
  const parts = [
    invocation.text('function_name'),
    invocation.text('input'),
    invocation.textMap('triggers'),
    databaseIdentity ?? '',
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
