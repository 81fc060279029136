import type {
  BucketProps,
  MySqlDatabaseProps,
  NetworkProps,
  SecretProps,
  TableProps,
  Throttle,
} from './modules';
import type { EventsStage } from './services/events';
import type { ItemsStage } from './services/items';
import type { MessagesStage } from './services/messages';
import type { MessagingStage } from './services/messaging';
import type { PasswordsStage } from './services/passwords';
import type { ShopStage } from './services/shop';

/** What differs between stages: sizes, protection, what costs money. Everything else is the same everywhere. */
export interface Stage {
  readonly name: string;
  readonly region: string;
  readonly availabilityZones: readonly string[];
  readonly logRetentionDays: number;
  readonly network: Pick<NetworkProps, 'interfaceEndpoints' | 'flowLogs'>;
  readonly database: Pick<
    MySqlDatabaseProps,
    | 'instanceClass'
    | 'maxStorageGb'
    | 'multiAz'
    | 'backupRetentionDays'
    | 'deletionProtection'
    | 'finalSnapshot'
    | 'performanceInsights'
  >;
  /** Whether tables refuse to be deleted. */
  readonly tables: Required<Pick<TableProps, 'deletionProtection'>>;
  /** Whether buckets go with what is in them. */
  readonly buckets: Required<Pick<BucketProps, 'forceDestroy'>>;
  /** How long the deletion of a secret can be undone. */
  readonly secrets: Required<Pick<SecretProps, 'recoveryDays'>>;
  readonly throttle: Throttle;
  readonly alarms: AlarmsStage;
  /** A service that is `'off'` has no resources in the stage. */
  readonly services: {
    readonly messages: MessagesStage | 'off';
    readonly passwords: PasswordsStage | 'off';
    readonly events: EventsStage | 'off';
    readonly items: ItemsStage | 'off';
    readonly shop: ShopStage | 'off';
    readonly messaging: MessagingStage | 'off';
  };
}

export interface AlarmsStage {
  /** Only dead letters (0.10 USD a month each queue), or everything, with a dashboard. */
  readonly watch: 'dead-letters' | 'everything';
  /** The database's connections above which an alarm goes off. */
  readonly maxConnections: number;
  readonly emailAddresses: readonly string[];
}

/** Cheap, and gone without a trace when destroyed. */
const dev: Stage = {
  name: 'dev',
  region: 'us-east-1',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  logRetentionDays: 14,
  network: { interfaceEndpoints: [], flowLogs: 'none' },
  database: {
    instanceClass: 'db.t4g.micro',
    maxStorageGb: 50,
    multiAz: false,
    backupRetentionDays: 7,
    deletionProtection: false,
    finalSnapshot: false,
    performanceInsights: false,
  },
  tables: { deletionProtection: false },
  buckets: { forceDestroy: true },
  secrets: { recoveryDays: 0 },
  throttle: { ratePerSecond: 2000, burst: 5000 },
  alarms: { watch: 'dead-letters', maxConnections: 50, emailAddresses: [] },
  services: {
    messages: { access: 'public', privateProducer: false, consumerConcurrency: 5, directDelivery: false },
    passwords: {
      historyAccess: 'public',
      private: false,
      mailFrom: 'no-reply@example.com',
      recorderConcurrency: 2,
      mailerConcurrency: 2,
    },
    events: { access: 'public', timeZone: 'UTC', recorderConcurrency: 2 },
    items: { access: 'public' },
    shop: {
      orders: { adminEmail: 'shop@example.com', recorderConcurrency: 2 },
      site: { signInPrefix: 'book-shop-dev', deletionProtection: false },
    },
    messaging: { authorization: 'iam', writes: true },
  },
};

/** Survives the loss of a zone, and a mistaken destroy. */
const prod: Stage = {
  name: 'prod',
  region: 'us-east-1',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  logRetentionDays: 90,
  network: { interfaceEndpoints: ['sns'], flowLogs: 'reject' },
  database: {
    instanceClass: 'db.t4g.medium',
    maxStorageGb: 500,
    multiAz: true,
    backupRetentionDays: 30,
    deletionProtection: true,
    finalSnapshot: true,
    performanceInsights: true,
  },
  tables: { deletionProtection: true },
  buckets: { forceDestroy: false },
  secrets: { recoveryDays: 30 },
  throttle: { ratePerSecond: 2000, burst: 5000 },
  alarms: { watch: 'everything', maxConnections: 200, emailAddresses: [] },
  services: {
    messages: {
      access: 'iam',
      privateProducer: true,
      consumerConcurrency: 20,
      reservedConcurrency: { consumer: 20, reader: 50 },
      directDelivery: false,
    },
    passwords: {
      historyAccess: 'iam',
      private: true,
      mailFrom: 'no-reply@example.com',
      mailIdentity: 'example.com',
      recorderConcurrency: 10,
      mailerConcurrency: 5,
      // Two sweeps would publish the same events twice.
      reservedConcurrency: { register: 20, change: 20, sweep: 1, recorder: 10, history: 20, mailer: 5 },
    },
    events: {
      access: 'iam',
      timeZone: 'UTC',
      recorderConcurrency: 5,
      reservedConcurrency: {
        'documents-intake': 10,
        'documents-reader': 20,
        'documents-upload': 20,
        'documents-report': 1,
        'order-status-publish': 20,
        'order-status-tracker': 10,
        'order-status-reader': 20,
        'payments-webhook': 20,
        'payments-recorder': 5,
        'payments-reader': 20,
      },
    },
    items: { access: 'iam', reservedConcurrency: { read: 50, write: 20, changelog: 5 } },
    shop: {
      orders: {
        recorderConcurrency: 10,
        reservedConcurrency: {
          place: 50,
          recorder: 10,
          read: 50,
          list: 10,
          handle: 5,
          remove: 5,
          catalogue: 50,
          edit: 5,
        },
      },
      site: { signInPrefix: 'book-shop', deletionProtection: true },
    },
    messaging: { authorization: 'iam', writes: true, reservedConcurrency: 20 },
  },
};

const stages: readonly Stage[] = [dev, prod];

/**
 * The stage of that name.
 * @throws Error that names the stages there are
 */
export function stageNamed(name: string): Stage {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage) return stage;
  throw new Error(`STAGE is "${name}": the stages are ${stages.map((s) => s.name).join(' and ')}`);
}
