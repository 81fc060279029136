import { JsonFile } from '../json-file';
import { wildcardMatch } from './wildcard';

/** A statement of a function's resource policy that AddPermission made. */
export interface AddedPermission {
  readonly statementId: string;
  /** `lambda:InvokeFunction` */
  readonly action: string;
  /** `sns.amazonaws.com`, an account, an ARN. */
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  readonly qualifier?: string;
}

export interface FunctionPermissionsOptions {
  /** Keeps what was added from run to run. */
  readonly file: string;
  readonly accountId: string;
  /** Whether the stack lets a service invoke a function for a source. */
  readonly declared: (service: string, functionName: string, sourceArn: string) => boolean;
  /** Something has changed: decisions are to be made again. */
  readonly onChange?: () => void;
}

/** Who may invoke functions: whom the stack lets, and whom AddPermission does. */
export class FunctionPermissions {
  private readonly file: JsonFile<{
    readonly functions: Readonly<Record<string, readonly AddedPermission[]>>;
  }>;

  constructor(private readonly options: FunctionPermissionsOptions) {
    this.file = new JsonFile(options.file, { functions: {} });
  }

  /** Whether a service may invoke a function on behalf of a source. */
  mayInvoke(service: string, functionName: string, sourceArn: string): boolean {
    return (
      this.options.declared(service, functionName, sourceArn) ||
      this.added(functionName).some((permission) => this.allows(permission, service, sourceArn))
    );
  }

  /** What AddPermission made. */
  added(functionName: string): readonly AddedPermission[] {
    const { functions } = this.file.content;
    return Object.hasOwn(functions, functionName) ? functions[functionName]! : [];
  }

  add(functionName: string, permission: AddedPermission): void {
    this.set(functionName, [...this.added(functionName), permission]);
  }

  /** @returns whether there was such a statement */
  remove(functionName: string, statementId: string, qualifier: string | undefined): boolean {
    const before = this.added(functionName);
    const after = before.filter((each) => each.statementId !== statementId || each.qualifier !== qualifier);
    if (after.length === before.length) return false;
    this.set(functionName, after);
    return true;
  }

  private set(functionName: string, permissions: readonly AddedPermission[]): void {
    this.file.change({ functions: { ...this.file.content.functions, [functionName]: permissions } });
    this.options.onChange?.();
  }

  private allows(permission: AddedPermission, service: string, source: string): boolean {
    const { action, principal, sourceArn, sourceAccount } = permission;
    return (
      principal === service &&
      wildcardMatch(action, 'lambda:InvokeFunction', true) &&
      (sourceArn === undefined || wildcardMatch(sourceArn, source)) &&
      (sourceAccount === undefined || sourceAccount === this.options.accountId)
    );
  }
}
