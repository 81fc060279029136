import path from 'node:path';
import ts from 'typescript';

/** Where the name of an SDK's client or command is not the one in IAM. */
const SERVICES: Readonly<Record<string, string>> = {
  eventbridge: 'events',
  sesv2: 'ses',
  'secrets-manager': 'secretsmanager',
  'dynamodb-streams': 'dynamodb',
};
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const ACTIONS: Readonly<Record<string, string>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  's3:HeadObject': 's3:GetObject',
  's3:HeadBucket': 's3:ListBucket',
  's3:ListObjects': 's3:ListBucket',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:CreateMultipartUpload': 's3:PutObject',
  's3:UploadPart': 's3:PutObject',
  's3:CompleteMultipartUpload': 's3:PutObject',
  'sns:PublishBatch': 'sns:Publish',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};
/** By the method of a request that the function signs for others to send. */
const SIGNED: Readonly<Record<string, string>> = { GET: 's3:GetObject', PUT: 's3:PutObject' };

/**
 * The IAM actions that handlers call, found by following each function and method from `handler` on. What a bundle merely
 * contains, such as the other methods of a class, does not count.
 */
export class CalledActions {
  private readonly program: ts.Program;
  private readonly checker: ts.TypeChecker;

  constructor(entries: readonly string[]) {
    this.program = ts.createProgram(entries, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      esModuleInterop: true,
      baseUrl: path.join(__dirname, '..', '..'),
      paths: {
        '@aws-micro/messaging': ['./packages/messaging/src/index.ts'],
        '@aws-micro/messaging/*': ['./packages/messaging/src/*/index.ts'],
      },
      skipLibCheck: true,
      noEmit: true,
    });
    this.checker = this.program.getTypeChecker();
  }

  /** Sorted, e.g. `['dynamodb:GetItem', 'sns:Publish']`. @throws Error if the file exports no `handler` */
  of(entry: string): string[] {
    const file = this.program.getSourceFile(entry);
    const symbol = file && this.checker.getSymbolAtLocation(file);
    const handler = symbol && this.checker.getExportsOfModule(symbol).find(({ name }) => name === 'handler');
    if (!file || !handler) throw new Error(`${path.basename(entry)} exports no handler`);
    const found = new Set<string>();
    this.follow(handler, found, new Set());
    return [...found].sort();
  }

  private follow(symbol: ts.Symbol, found: Set<string>, seen: Set<ts.Node>): void {
    const target = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of target.declarations ?? []) {
      if (seen.has(declaration) || !isOurs(declaration)) continue;
      seen.add(declaration);
      this.visit(declaration, found, seen);
    }
  }

  private visit(node: ts.Node, found: Set<string>, seen: Set<ts.Node>): void {
    // Of a class that is made only the constructor and fields run; methods do when they are called.
    if (ts.isClassDeclaration(node)) {
      const run = node.members.filter((m) => ts.isConstructorDeclaration(m) || ts.isPropertyDeclaration(m));
      return run.forEach((member) => this.visit(member, found, seen));
    }
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    const action = ts.isNewExpression(node) ? this.actionOf(node) : undefined;
    if (action !== undefined) found.add(action);
    if (ts.isCallExpression(node)) {
      const called = this.calledMethodOf(node);
      [...signedActionsOf(node), ...(called === undefined ? [] : [called])].forEach((each) =>
        found.add(each),
      );
    }
    if (ts.isIdentifier(node)) {
      const symbol = this.checker.getSymbolAtLocation(node);
      if (symbol) this.follow(symbol, found, seen);
    }
    ts.forEachChild(node, (child) => this.visit(child, found, seen));
  }

  /** `new GetItemCommand(...)` of `@aws-sdk/client-dynamodb` is `dynamodb:GetItem`. */
  private actionOf({ expression }: ts.NewExpression): string | undefined {
    const [, command] = /^(\w+)Command$/.exec(expression.getText()) ?? [];
    const symbol = this.checker.getSymbolAtLocation(expression);
    const declared = symbol?.declarations?.[0];
    const importing = declared && ts.findAncestor(declared, ts.isImportDeclaration);
    const [, client] = /@aws-sdk\/client-([\w-]+)/.exec(importing?.moduleSpecifier.getText() ?? '') ?? [];
    if (command === undefined || client === undefined) return undefined;
    return actionNamed(client, command);
  }

  /** `sqs.purgeQueue(...)` of a client with all methods is `sqs:PurgeQueue`. */
  private calledMethodOf({ expression }: ts.CallExpression): string | undefined {
    if (!ts.isPropertyAccessExpression(expression)) return undefined;
    const declared = this.checker.getSymbolAtLocation(expression.name)?.declarations?.[0];
    const [, client] =
      /@aws-sdk\/client-([\w-]+)\/dist-types\/\w+\.d\.ts$/.exec(declared?.getSourceFile().fileName ?? '') ??
      [];
    if (client === undefined || !declared || !ts.isMethodSignature(declared)) return undefined;
    const { text } = expression.name;
    return actionNamed(client, text.charAt(0).toUpperCase() + text.slice(1));
  }
}

function actionNamed(client: string, command: string): string {
  const action = `${SERVICES[client] ?? client}:${command}`;
  return ACTIONS[action] ?? action;
}

/**
 * `presign({ service: 's3', method: 'PUT', ... })` is `s3:PutObject`: S3 asks whether the signer may. What `getSignedUrl` of the SDK signs is
 * a command, which is found like one that is sent.
 */
function signedActionsOf({ expression, arguments: [options] }: ts.CallExpression): string[] {
  if (expression.getText() !== 'presign' || !options || !ts.isObjectLiteralExpression(options)) return [];
  const literal = (name: string) =>
    options.properties
      .filter(ts.isPropertyAssignment)
      .filter((property) => property.name.getText() === name && ts.isStringLiteral(property.initializer))
      .map(({ initializer }) => (initializer as ts.StringLiteral).text)[0];
  const action = SIGNED[literal('method') ?? ''];
  return literal('service') === 's3' && action !== undefined ? [action] : [];
}

function isOurs(declaration: ts.Node): boolean {
  return !declaration.getSourceFile().fileName.includes('node_modules');
}
