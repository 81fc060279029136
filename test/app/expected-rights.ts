/** For Lambda, which puts the function's network interfaces there; the action cannot be restricted. */
export const SUBNETS = 'ec2:DescribeSubnets on *';

const KEY = 'aws_kms_key.platform_key.arn';
const ACCOUNTS = 'aws_dynamodb_table.passwords_accounts_table.arn';
const PUBLISHES_CHANGES = [
  'sns:Publish on aws_sns_topic.passwords_topic.arn',
  `kms:Decrypt kms:GenerateDataKey on ${KEY} via sns`,
];
const consumes = (queue: string) => [
  `sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on aws_sqs_queue.${queue}.arn`,
  `kms:Decrypt on ${KEY} via sqs`,
];
const connectsAs = (user: string) =>
  `rds-db:connect on aws_db_instance.platform_database_instance.resource_id/${user}`;

const encryptsFor = (service: string) => `kms:Decrypt kms:GenerateDataKey on ${KEY} via ${service}`;
const decryptsFor = (service: string) => `kms:Decrypt on ${KEY} via ${service}`;
const sendsTo = (queue: string) => [
  `sqs:SendMessage on aws_sqs_queue.${queue}_queue.arn`,
  encryptsFor('sqs'),
];
const usesTable = (table: string, actions: string) => [
  `${actions.replaceAll(/\w+/g, 'dynamodb:$&')} on aws_dynamodb_table.${table}`,
  decryptsFor('dynamodb'),
];
const TIMELINES = ['events_documents', 'events_order-status', 'events_payments'].map(
  (part) => `aws_dynamodb_table.${part}_table.arn/index/timeline`,
);
const BUCKET = 'aws_s3_bucket.events_documents_bucket.arn';
const LARGE_MESSAGES = 'aws_s3_bucket.messages_large-messages_bucket.arn/messages/*';
const BUS = 'aws_cloudwatch_event_bus.events_order-status_bus.arn';

/** Beside these each function may write its own log and traces. */
export const EXPECTED = {
  'messages_producer_role-policy': [
    'sns:Publish on aws_sns_topic.messages_topic.arn',
    `kms:Decrypt kms:GenerateDataKey on ${KEY} via sns`,
    `s3:PutObject on ${LARGE_MESSAGES}`,
    `kms:GenerateDataKey on ${KEY} via s3`,
  ],
  'messages_consumer_role-policy': [
    SUBNETS,
    connectsAs('messages_writer'),
    `s3:GetObject on ${LARGE_MESSAGES}`,
    decryptsFor('s3'),
    ...consumes('messages_queue'),
  ],
  'messages_reader_role-policy': [SUBNETS, connectsAs('messages_reader')],
  'passwords_register_role-policy': [
    `dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on ${ACCOUNTS}`,
    `kms:Decrypt on ${KEY} via dynamodb`,
  ],
  'passwords_change_role-policy': [
    `dynamodb:GetItem dynamodb:UpdateItem on ${ACCOUNTS}`,
    `kms:Decrypt on ${KEY} via dynamodb`,
    ...PUBLISHES_CHANGES,
  ],
  'passwords_sweep_role-policy': [
    `dynamodb:Query on ${ACCOUNTS}/index/pending`,
    `kms:Decrypt on ${KEY} via dynamodb`,
    `dynamodb:UpdateItem on ${ACCOUNTS}`,
    ...PUBLISHES_CHANGES,
    'sqs:SendMessage on aws_sqs_queue.passwords_schedule_dead-letters_queue.arn',
    `kms:Decrypt kms:GenerateDataKey on ${KEY} via sqs`,
  ],
  'passwords_recorder_role-policy': [
    SUBNETS,
    connectsAs('passwords_writer'),
    ...consumes('passwords_history-queue'),
  ],
  'passwords_history_role-policy': [SUBNETS, connectsAs('passwords_reader')],
  'passwords_mailer_role-policy': [
    'dynamodb:GetItem dynamodb:PutItem on aws_dynamodb_table.passwords_mails_table.arn',
    `kms:Decrypt on ${KEY} via dynamodb`,
    'ses:SendEmail on identity/* from no-reply@example.com',
    ...consumes('passwords_mail-queue'),
  ],
  'passwords_schedule_role_role-policy': [
    'lambda:InvokeFunction on aws_lambda_function.passwords_sweep_function.arn',
    'sqs:SendMessage on aws_sqs_queue.passwords_schedule_dead-letters_queue.arn',
    `kms:Decrypt kms:GenerateDataKey on ${KEY} via sqs`,
    `kms:Decrypt on ${KEY} via scheduler`,
  ],
  'platform_migrations_coordinator_role-policy': [
    'secretsmanager:GetSecretValue on aws_db_instance.platform_database_instance.master_user_secret[0].secret_arn',
    `kms:Decrypt on ${KEY} via secretsmanager`,
    'lambda:InvokeFunction on aws_lambda_function.platform_migrations_migrator_function.arn',
  ],
  'platform_migrations_migrator_role-policy': [SUBNETS],
  'events_documents_intake_role-policy': [
    `s3:GetObject on ${BUCKET}/incoming/*`,
    decryptsFor('s3'),
    `s3:ListBucket on ${BUCKET}`,
    ...usesTable('events_documents_table.arn', 'PutItem UpdateItem'),
    ...sendsTo('events_documents_bucket_to-events-documents-intake_failed'),
  ],
  'events_documents_reader_role-policy': usesTable('events_documents_table.arn/index/timeline', 'Query'),
  'events_documents_upload_role-policy': [
    `s3:PutObject on ${BUCKET}/incoming/*`,
    `kms:GenerateDataKey on ${KEY} via s3`,
  ],
  'events_order-status_publish_role-policy': [`events:PutEvents on ${BUS}`],
  'events_order-status_tracker_role-policy': [
    ...usesTable('events_order-status_table.arn', 'GetItem PutItem'),
    `events:PutEvents on ${BUS}`,
    ...sendsTo('events_order-status_changed_dead-letters'),
  ],
  'events_order-status_reader_role-policy': usesTable('events_order-status_table.arn', 'GetItem'),
  'events_payments_webhook_role-policy': [
    'secretsmanager:GetSecretValue on aws_secretsmanager_secret.events_payments_secret.arn',
    decryptsFor('secretsmanager'),
    'sns:Publish on aws_sns_topic.events_payments_topic.arn',
    encryptsFor('sns'),
  ],
  'events_payments_recorder_role-policy': [
    ...usesTable('events_payments_table.arn', 'PutItem'),
    ...consumes('events_payments_queue'),
  ],
  'events_payments_reader_role-policy': usesTable('events_payments_table.arn', 'GetItem'),
  'events_report_role-policy': [
    `dynamodb:Query on ${TIMELINES.join(' ')}`,
    decryptsFor('dynamodb'),
    `s3:PutObject on ${BUCKET}/reports/*`,
    `kms:GenerateDataKey on ${KEY} via s3`,
    `s3:GetObject on ${BUCKET}/reports/*`,
    decryptsFor('s3'),
    ...sendsTo('events_report_schedule_dead-letters'),
  ],
  'events_report_schedule_role_role-policy': [
    'lambda:InvokeFunction on aws_lambda_function.events_report_function.arn',
    ...sendsTo('events_report_schedule_dead-letters'),
    decryptsFor('scheduler'),
  ],
  'shop_orders_place_role-policy': [
    ...usesTable('shop_orders_books_table.arn', 'BatchGetItem'),
    'sns:Publish on aws_sns_topic.shop_orders_topic.arn',
    encryptsFor('sns'),
  ],
  'shop_orders_recorder_role-policy': [
    ...usesTable('shop_orders_table.arn', 'PutItem'),
    ...consumes('shop_orders_queue'),
  ],
  'shop_orders_read_role-policy': usesTable('shop_orders_table.arn', 'GetItem'),
  'shop_orders_list_role-policy': [
    ...usesTable(
      'shop_orders_table.arn/index/timeline aws_dynamodb_table.shop_orders_table.arn/index/by-status',
      'Query',
    ),
    'sqs:GetQueueAttributes on aws_sqs_queue.shop_orders_queue_dead-letters_queue.arn',
  ],
  'shop_orders_handle_role-policy': usesTable('shop_orders_table.arn', 'GetItem UpdateItem'),
  'shop_orders_remove_role-policy': usesTable('shop_orders_table.arn', 'GetItem UpdateItem'),
  'shop_orders_catalogue_role-policy': usesTable('shop_orders_books_table.arn/index/timeline', 'Query'),
  'shop_orders_edit_role-policy': usesTable(
    'shop_orders_books_table.arn',
    'DeleteItem GetItem PutItem UpdateItem',
  ),
  'items_read_role-policy': [
    ...usesTable('items_table.arn', 'GetItem'),
    'dynamodb:Query on aws_dynamodb_table.items_table.arn/index/timeline',
    'dynamodb:Query on aws_dynamodb_table.items_changes_table.arn',
  ],
  'items_write_role-policy': usesTable('items_table.arn', 'DeleteItem GetItem PutItem'),
  'items_changelog_role-policy': [
    ...usesTable('items_changes_table.arn', 'PutItem'),
    'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams ' +
      'on aws_dynamodb_table.items_table.stream_arn',
    ...sendsTo('items_changelog_changes-failed'),
  ],
};
