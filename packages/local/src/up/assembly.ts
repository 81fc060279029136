import { availableParallelism, freemem } from 'node:os';
import type { AdminApi } from '../admin';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import type { DatabaseServer, Guard } from '../contracts';
import type { LazyDynamoDb } from '../dynamodb';
import { Broker } from '../engine';
import {
  FunctionPermissions,
  mayInvoke,
  nameOfFunction,
  Network,
  resourcePolicies,
  StackGuard,
} from '../iam';
import { LambdaService } from '../lambda';
import type { ConsoleReporter } from '../reporter';
import { unhosted } from '../synth';
import type { Resolver, StackDocument } from '../synth';
import { TraceRecorder } from '../trace';
import { AwsEndpoint, SecretStore } from '../wire';
import { adminApi } from './admin';
import { apiAddresses, Apis } from './apis';
import { banner } from './banner';
import type { DataFolder } from './data-folder';
import { createDatabases, hasDatabase, secretsOf, startDatabase } from './database';
import type { HostedDatabase } from './database';
import { functionEnvironment } from './environment';
import { asyncConfigsOf, functionConfig, functionsOf, mayCall } from './functions';
import type { StackFunction } from './functions';
import { runInvocations } from './invocations';
import { functionLogs } from './logs';
import { withModules } from './module-folders';
import { hostMail } from './mail';
import type { HostedMail } from './mail';
import { mappingsOf } from './mappings';
import { hostMessaging } from './messaging';
import type { UpOptions } from './options';
import { zipFileOf } from './packages';
import { choosePorts } from './ports';
import type { Ports } from './ports';
import { prewarmLimit, prewarmOrder } from './prewarm';
import { publishedOf } from './published';
import { Reloader } from './reload';
import { assumptionProblem } from './role-trust';
import { Rooms } from './rooms';
import type { Shutdown } from './shutdown';
import { ACCOUNT_ID, stackResolver } from './stack-resolver';
import { createDynamoDb, hostTables } from './tables';
import { moreOf, ownerDatabase, tellOfPorts, tellOfRegions } from './telling';

export interface AssemblyOptions {
  /** Of the project. */
  readonly folder: string;
  /** Each after those whose outputs it reads. */
  readonly stacks: readonly StackDocument[];
  readonly data: DataFolder;
  readonly options: UpOptions;
  readonly reporter: ConsoleReporter;
  readonly shutdown: Shutdown;
  /** Ends the start. */
  readonly signal: AbortSignal;
}

/**
 * Puts the rooms of the runtime together for the stacks of a project. What takes long and depends on nothing (the database server, the
 * store) is started first; every part that is up is told to {@link Shutdown}, in the order in which others need it.
 */
export class Assembly {
  private resolver!: Resolver;
  private ports!: Ports;
  private server: DatabaseServer | undefined;
  private database: HostedDatabase | undefined;
  private mail!: HostedMail;
  private dynamodb!: LazyDynamoDb;
  private broker!: Broker;
  private permissions!: FunctionPermissions;
  private rooms!: Rooms;
  private functions: readonly StackFunction[] = [];
  private lambda!: LambdaService;
  private guard!: Guard;
  private apis!: Apis;
  private readonly tracer = new TraceRecorder();

  constructor(private readonly given: AssemblyOptions) {}

  private get clock(): Clock {
    return this.given.options.clock ?? systemClock;
  }

  get activeInvocations(): number {
    return this.lambda.functions.active;
  }

  async run(): Promise<void> {
    const { stacks, data, options } = this.given;
    const later = { ports: () => this.ports, server: () => this.server };
    this.resolver = stackResolver({ stacks, data, environment: options.environment, ...later });
    const starting = this.startServer();
    this.ports = await this.choosePorts();
    tellOfRegions(this.resolver, this.given.reporter);
    this.mail = hostMail(this.resolver, this.given.data, this.clock, this.given.reporter);
    const tables = this.hostTables();
    [this.broker, this.server] = await Promise.all([this.openBroker(), starting]);
    this.given.signal.throwIfAborted();
    await this.hostDatabases();
    await this.openRooms();
    await this.hostFunctions();
    await tables;
    await this.startEndpoint();
    await this.invokeWhatChanged();
    this.lambda.start();
    await this.rooms.start();
    await this.startApis();
    this.tell();
    this.watchSources();
  }

  private startServer(): Promise<DatabaseServer | undefined> {
    const { data, options, reporter, shutdown } = this.given;
    const starting = hasDatabase(this.resolver)
      ? startDatabase(data, options.environment, reporter)
      : Promise.resolve(undefined);
    shutdown.add('mysql', () =>
      starting.then(
        (server) => server?.stop(),
        () => undefined,
      ),
    );
    return starting;
  }

  private choosePorts(): Promise<Ports> {
    return choosePorts(apiAddresses(this.resolver), this.given.options);
  }

  /** Beside everything else; until then only the endpoint is to wait for it. */
  private hostTables(): Promise<void> {
    const { data, reporter, shutdown } = this.given;
    this.dynamodb = createDynamoDb(this.resolver, data, this.clock, reporter);
    shutdown.add('dynamodb', () => this.dynamodb.close());
    const hosting = hostTables(this.resolver, this.dynamodb, data);
    // What fails meanwhile ends the start before this is waited for.
    hosting.catch(() => undefined);
    return hosting;
  }

  private async openBroker(): Promise<Broker> {
    const { data, reporter, shutdown } = this.given;
    const { resolver } = this;
    this.permissions = new FunctionPermissions({
      file: data.at('function-permissions.json'),
      accountId: ACCOUNT_ID,
      declared: (...asked) => mayInvoke(resolver, ...asked),
      onChange: () => this.broker.sns.forgetPermissions(),
    });
    const broker = await Broker.open({
      folder: data.at('store'),
      clock: this.clock,
      reporter,
      locale: { region: resolver.region, accountId: ACCOUNT_ID },
      tracer: this.tracer,
      mayInvoke: (functionArn, topicArn) =>
        this.permissions.mayInvoke('sns.amazonaws.com', nameOfFunction(functionArn), topicArn),
      mailbox: this.mail.mailbox,
    });
    shutdown.add('store', () => broker.close());
    return broker;
  }

  private async hostDatabases(): Promise<void> {
    const { data, options } = this.given;
    if (this.server !== undefined) {
      this.database = await createDatabases(this.server, this.resolver, data, options.environment);
    }
  }

  private async openRooms(): Promise<void> {
    const { data, reporter, shutdown } = this.given;
    const { resolver, broker, permissions, dynamodb, tracer, clock } = this;
    const later = { functions: () => this.functions, lambda: () => this.lambda, guard: () => this.guard };
    this.rooms = await Rooms.open(
      { resolver, data, clock, reporter, broker, permissions, dynamodb, tracer, ...later },
      shutdown,
    );
  }

  private async hostFunctions(): Promise<void> {
    const { data, options, reporter, shutdown } = this.given;
    const { resolver, broker } = this;
    this.functions = functionsOf(resolver, new Network(resolver), reporter);
    this.guard = new StackGuard({
      accountId: ACCOUNT_ID,
      region: resolver.region,
      functions: this.functions.map(({ name, role, reach, credentials }) => ({
        name,
        role,
        reach,
        accessKeyId: credentials.accessKeyId,
      })),
      resourcePolicy: resourcePolicies(resolver),
    });
    const configs = await Promise.all(
      this.functions.map(async (fn) => ({
        ...functionConfig(fn, await this.environmentOf(fn), zipFileOf(fn, resolver, data)),
        ...publishedOf(resolver, fn),
      })),
    );
    const mappings = mappingsOf(resolver, this.functions, reporter);
    this.lambda = await LambdaService.load({
      configs,
      folder: data.at('functions'),
      region: resolver.region,
      endpointUrl: resolver.hosts.awsEndpoint,
      reporter,
      clock: this.clock,
      tracer: this.tracer,
      queues: broker,
      mappings,
      streams: this.rooms.offers.streams,
      asyncConfigs: asyncConfigsOf(resolver, this.functions, reporter),
      publish: (topicArn, message) => broker.publish(topicArn, [message]),
      buses: this.rooms.offers.buses,
      observer: this.rooms.offers.observer,
      mayCall: (functionName, action, resource) => mayCall(this.functions, functionName, action, resource),
      activity: broker.activity,
      inspect: options.inspect,
      logs: functionLogs(this.functions, configs, resolver, this.rooms.offers.logs, reporter),
    });
    shutdown.add('lambda', () => {
      const { recentFunctions: before = [] } = data.state;
      data.remember({ recentFunctions: [...new Set([...this.lambda.functions.recent, ...before])] });
      return this.lambda.stop();
    });
    this.apis = this.createApis();
    void this.prewarm(mappings.map(({ functionName }) => functionName));
    await hostMessaging(
      resolver,
      broker,
      configs.map(({ arn }) => arn),
      reporter,
    );
  }

  private async environmentOf(fn: StackFunction): Promise<Record<string, string>> {
    const { data, reporter, shutdown } = this.given;
    const own = await functionEnvironment(fn, {
      resolver: this.resolver,
      server: this.server,
      userPassword: data.state.userPassword,
      reporter,
      onOpen: (hole) => shutdown.add('network', () => hole.close()),
    });
    const { folder } = this.given;
    return withModules(own, fn, { resolver: this.resolver, folder, data, reporter });
  }

  /** Some of those that wait for requests or messages have a process from the start; others get one when they are called. */
  private async prewarm(mapped: readonly string[]): Promise<void> {
    const routed = this.apis.configs.flatMap(({ routes }) =>
      routes.map(({ functionArn }) => nameOfFunction(functionArn)),
    );
    const subscribed = this.resolver
      .resources('aws_sns_topic_subscription')
      .filter((subscription) => subscription.text('protocol') === 'lambda')
      .map((subscription) => nameOfFunction(subscription.text('endpoint')));
    const machine = { processors: availableParallelism(), freeMemoryBytes: freemem() };
    const limit = this.given.options.prewarm ?? prewarmLimit(machine);
    const recent = this.given.data.state.recentFunctions ?? [];
    const names = prewarmOrder(recent, routed, [...mapped, ...subscribed]).filter((name) =>
      this.canRun(name),
    );
    for (const name of names.slice(0, limit)) {
      // One after the other: a function that is called meanwhile is not to wait for processors.
      await this.lambda.prewarm(name);
    }
  }

  private canRun(functionName: string): boolean {
    const fn = this.functions.find(({ name }) => name === functionName);
    return fn !== undefined && fn.problem === undefined;
  }

  private async startEndpoint(): Promise<void> {
    const { data, reporter, shutdown } = this.given;
    const { broker, guard, lambda, resolver, permissions: functionPermissions } = this;
    const secrets = new SecretStore(this.clock, data.at('secrets.json'));
    secrets.declare(secretsOf(resolver, this.server));
    const { port } = this.ports.aws;
    const { dynamodb } = this;
    const { ses } = this.mail;
    const endpoint = await AwsEndpoint.start({
      ...this.rooms.wire,
      broker,
      secrets,
      invoker: lambda,
      guard,
      functionPermissions,
      assumptionProblem: (...asked) => assumptionProblem(...asked, resolver),
      dynamodb,
      ses,
      reporter,
      admin: this.createAdmin(),
      port,
    });
    shutdown.add('aws', () => endpoint.stop());
  }

  private createAdmin(): AdminApi {
    const { resolver, apis, functions, broker, tracer: traces, clock } = this;
    const name = this.given.stacks.map((stack) => stack.name).join(', ');
    return adminApi({ name, resolver, apis, functions }, { broker, traces, clock });
  }

  private invokeWhatChanged(): Promise<void> {
    const { data, reporter } = this.given;
    return runInvocations(this.resolver, this.lambda, data, this.database?.identity, reporter);
  }

  private createApis(): Apis {
    const { ports, resolver, lambda, guard, functions, broker } = this;
    return new Apis({
      resolver,
      ports: new Map([...ports.apis].map(([address, { port }]) => [address, port])),
      invoker: lambda,
      guard,
      secrets: new Map(
        functions.map(({ credentials }) => [credentials.accessKeyId, credentials.secretAccessKey]),
      ),
      activity: broker.activity,
      clock: this.clock,
      tracer: this.tracer,
      logs: () => this.rooms.offers.logs,
    });
  }

  private async startApis(): Promise<void> {
    this.given.signal.throwIfAborted();
    await this.apis.listen();
    this.given.shutdown.add('apigw', () => this.apis.stop());
  }

  private watchSources(): void {
    const { folder, options, reporter, shutdown } = this.given;
    if (options.reload === false) {
      return;
    }
    const { configs: functions } = this.lambda.functions;
    const reload: LambdaService['reload'] = (name, files) => this.lambda.reload(name, files);
    // Files change in the time of the system, whatever the time of the stack is.
    const reloader = new Reloader({ projectFolder: folder, functions, reload, reporter, clock: systemClock });
    reloader.start();
    shutdown.add('reload', () => reloader.stop());
  }

  private tell(): void {
    const { data, reporter } = this.given;
    const { apis, ports, resolver, server, database } = this;
    tellOfPorts(ports, reporter);
    const urls = apis.configs.map((config) => ({
      config,
      url: `${resolver.hosts.apiEndpoint(config.address)}${config.basePath}`,
    }));
    const { awsEndpoint } = resolver.hosts;
    data.announce({
      url: urls[0]?.url ?? awsEndpoint,
      awsEndpoint,
      functionUrls: urls.filter(({ config }) => config.kind === 'function url').map(({ url }) => url),
      region: resolver.region,
      database: server && ownerDatabase(server, database?.names[0]),
    });
    banner({
      stacks: this.given.stacks.map(({ name }) => name),
      region: resolver.region,
      seconds: process.uptime(),
      apis: urls,
      awsEndpoint,
      database: server,
      functions: this.functions.map(({ name }) => name),
      more: [...moreOf(resolver, this.mail.folder), ...this.rooms.banner],
      unhosted: unhosted(resolver),
      dataFolder: data.path,
      columns: process.stdout.columns,
    }).forEach((line) => reporter.line(line));
    reporter.flush();
  }
}
