import type { Aws } from '../clients';
import { isMessagingError } from '../errors';
import { isArn, parseArn } from '../names';
import type { Access } from './queue-access';

/** Who calls a function. */
export interface Caller {
  /** Of the statement in the function's policy. */
  readonly statementId: string;
  /** Service principal. */
  readonly principal: string;
  /** Of the topic or the alarm. */
  readonly sourceArn: string;
}

/** Who may call a function, by one statement a caller in the function's policy. */
export class FunctionAccess {
  constructor(private readonly aws: Aws) {}

  /** Lets the caller call the function. @throws MessagingError 'not-found' */
  async permit(functionArn: string, { statementId, principal, sourceArn }: Caller): Promise<Access> {
    if (parseArn(functionArn)?.account === (await this.aws.accountId())) {
      this.aws.checkName('function', functionArn.split(':').slice(6).join(':'));
    }
    try {
      await this.aws.attempt(`permitting calls of function ${functionArn}`, async () =>
        (await this.aws.lambda()).addPermission({
          ...target(functionArn),
          StatementId: statementId,
          Action: 'lambda:InvokeFunction',
          Principal: principal,
          SourceArn: sourceArn,
        }),
      );
      return { warnings: [], added: true };
    } catch (error) {
      // The statement is there: its name says what is in it.
      if (isMessagingError(error, 'conflict')) return { warnings: [], added: false };
      throw error;
    }
  }

  /** Takes the permission back, if there is one. */
  async withdraw(functionArn: string, statementId: string): Promise<void> {
    try {
      await this.aws.attempt(`withdrawing a permission of function ${functionArn}`, async () =>
        (await this.aws.lambda()).removePermission({ ...target(functionArn), StatementId: statementId }),
      );
    } catch (error) {
      if (!isMessagingError(error, 'not-found')) throw error;
    }
  }
}

/** A function's ARN, with its version or alias; of its name or as it is. */
export async function functionArnOf(aws: Aws, nameOrArn: string, field?: string): Promise<string> {
  if (isArn(nameOrArn)) return nameOrArn;
  aws.checkName('function', nameOrArn, field);
  return aws.arn('lambda', `function:${nameOrArn}`);
}

function target(arn: string): { FunctionName: string; Qualifier: string | undefined } {
  const [qualifier, ...others] = arn.split(':').slice(7);
  if (qualifier === undefined || others.length > 0) return { FunctionName: arn, Qualifier: undefined };
  return { FunctionName: arn.split(':').slice(0, 7).join(':'), Qualifier: qualifier };
}
