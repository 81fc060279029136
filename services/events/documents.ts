import { Construct } from 'constructs';
import { Account, Bucket, stackName, Table } from '../../modules';
import type { LambdaFunction } from '../../modules';
import { authorizationFor } from '../access';
import { TIMELINE_INDEX, timelineIndex } from '../timeline';
import { addFunction } from './functions';
import type { EventsPartProps } from './functions';

/** Where documents come in; other objects of the bucket are ours. */
const INCOMING = 'incoming/';

/**
 * Reads what is put into a bucket, and records what it is.
 *
 * POST /documents -> upload -> address for a PUT -> bucket -> intake -> table -> reader -> GET /documents
 */
export class Documents extends Construct {
  readonly bucket: Bucket;
  readonly table: Table;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventsPartProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.bucket = new Bucket(this, 'bucket', {
      // Nobody else in the world may have a bucket of that name.
      name: `${stackName(this, 'documents')}-${Account.of(this).id}`,
      encryptionKey: platform.key,
      ...platform.stage.buckets,
    });
    this.table = new Table(this, 'table', {
      name: stackName(this, 'documents'),
      partitionKey: { name: 'key', type: 'S' },
      globalIndexes: timelineIndex('takenInAt'),
      ...platform.tableSettings,
    });
    const functions = [this.createIntake(), this.createReader(), this.createUpload()];
    platform.watch({ functions, queues: [], deadLetters: [], tables: [this.table] });
  }

  private createIntake(): LambdaFunction {
    const intake = addFunction(this, this.props, 'documents-intake', {
      description: 'Records objects that come into the bucket, or leave it',
      memoryMb: 512,
      // Five megabytes, and a table that answers at the third try.
      timeoutSeconds: 60,
      environment: { DOCUMENTS_TABLE: this.table.table.name },
    });
    this.bucket.grantRead(intake, INCOMING);
    // Without it S3 says of an object that was deleted meanwhile that it is forbidden, not that it is gone.
    this.bucket.grantList(intake);
    this.table.grant(intake, ['PutItem', 'UpdateItem']);
    const { failed } = this.bucket.notifyFunction(intake, {
      events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
      prefix: INCOMING,
    });
    const deadLetters = failed ? [failed] : [];
    this.props.platform.watch({ functions: [], queues: [], deadLetters });
    return intake;
  }

  private createReader(): LambdaFunction {
    const { platform, stage } = this.props;
    const reader = addFunction(this, this.props, 'documents-reader', {
      description: 'GET /documents: lists documents',
      environment: { DOCUMENTS_TABLE: this.table.table.name, TIMELINE_INDEX },
    });
    this.table.grantIndex(reader, TIMELINE_INDEX, ['Query']);
    platform.api.route('GET /documents', reader, { authorization: authorizationFor(stage.access) });
    return reader;
  }

  private createUpload(): LambdaFunction {
    const { platform, stage } = this.props;
    const upload = addFunction(this, this.props, 'documents-upload', {
      description: 'POST /documents: gives an address for an upload',
      environment: { DOCUMENTS_BUCKET: this.bucket.name },
    });
    this.bucket.grantWrite(upload, INCOMING);
    platform.api.route('POST /documents', upload, { authorization: authorizationFor(stage.access) });
    return upload;
  }
}
