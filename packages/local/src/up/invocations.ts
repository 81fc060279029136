import { createHash } from 'node:crypto';
import type { Invoker, Reporter } from '../contracts';
import { UserError } from '../errors';
import type { Resolver, Resource } from '../synth';
import type { DataFolder } from './data-folder';

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
  for (const invocation of resolver.resources('aws_lambda_invocation')) {
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
      throw new UserError(
        `${invocation.address}: ${functionName} failed: ${errorType ?? 'Error'}: ${errorMessage ?? payload}`,
      );
    }
    reporter.event(functionName, `answered ${payload}`);
    data.remember({ invocations: { ...data.state.invocations, [invocation.address]: key } });
  }
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
