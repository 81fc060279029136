/** A rule that some resources break knowingly. One that excuses nothing fails the tests. */
export interface Waiver {
  /** One of the rule's ids. */
  readonly rule: string;
  /** Stages that it is for. */
  readonly stages: readonly ('dev' | 'prod')[];
  /** The resources' addresses. */
  readonly resources: RegExp;
  readonly reason: string;
}

const both = ['dev', 'prod'] as const;

export const waivers: readonly Waiver[] = [
  {
    rule: 'CKV_AWS_309',
    stages: ['dev'],
    resources: /^aws_apigatewayv2_route\.platform_api_(POST|GET)-messages/,
    reason: 'The messages routes are public in dev, which holds no real data; prod asks for IAM.',
  },
  {
    rule: 'CKV_AWS_309',
    stages: both,
    resources: /^aws_apigatewayv2_route\.platform_api_(PUT-users-userId|POST-passwords-userId)_/,
    reason:
      'Users have no credentials of AWS: the password in the body is theirs, guesses are slowed down, and the routes have a lower throttle.',
  },
  {
    rule: 'CKV_AWS_309',
    stages: ['dev'],
    resources: /^aws_apigatewayv2_route\.platform_api_GET-passwords-userId-history_/,
    reason: 'Histories are public in dev, which holds no real data; prod asks for IAM.',
  },
  {
    rule: 'CKV_AWS_309',
    stages: ['dev'],
    resources:
      /^aws_apigatewayv2_route\.platform_api_(GET|POST|PUT|PATCH|DELETE)-(documents|order-status|payments|items)(-|_)/,
    reason:
      'Documents, orders, payments and items are public in dev, which holds no real data; prod asks for IAM.',
  },
  {
    rule: 'CKV_AWS_309',
    stages: both,
    resources: /^aws_apigatewayv2_route\.platform_api_POST-webhooks-payments_/,
    reason:
      'The payment provider has no credentials of AWS: it signs what it sends, and the function checks that.',
  },
  {
    rule: 'CKV_AWS_309',
    stages: both,
    resources: /^aws_apigatewayv2_route\.platform_api_(GET-books|POST-books-order|GET-books-order-id)_/,
    reason:
      'Shoppers have no account: they see the catalogue, order, and have the id of their order, which cannot be guessed.',
  },
  {
    rule: 'CKV_AWS_174',
    stages: both,
    resources: /^aws_cloudfront_distribution\./,
    reason:
      'CloudFront sets the least version itself with its own certificate; a stage with a domain has TLS 1.2.',
  },
  {
    rule: 'CKV_AWS_86',
    stages: both,
    resources: /^aws_cloudfront_distribution\./,
    reason: 'The files are for everyone, and what goes on to the API is in its access log.',
  },
  {
    rule: 'CKV_AWS_68',
    stages: both,
    resources: /^aws_cloudfront_distribution\./,
    reason: 'A firewall costs 5 USD a month and more; the API behind the site is throttled, route by route.',
  },
  {
    rule: 'Cognito.6',
    stages: ['dev'],
    resources: /^aws_cognito_user_pool\./,
    reason: 'A development stage must go with one `cdktf destroy`.',
  },
  {
    rule: 'buckets and what they hold are protected from destroy, in the plan as well',
    stages: ['prod'],
    resources: /^aws_s3_bucket\.shop_site_/,
    reason: 'Its files are made of the sources again by the next deploy.',
  },
  {
    rule: 'CKV_AWS_19',
    stages: both,
    resources: /^aws_s3_bucket\.shop_site_/,
    reason: 'The files are for everyone: a key of our own would keep nothing secret, and cost requests.',
  },
  {
    rule: 'buckets and what they hold are protected from destroy, in the plan as well',
    stages: ['dev'],
    resources: /^aws_s3_bucket\./,
    reason: 'A development stage must go with one `cdktf destroy`.',
  },
  {
    rule: 'CKV_AWS_18',
    stages: both,
    resources: /^aws_s3_bucket\./,
    reason:
      'Access logs are another bucket to keep and pay for; only named functions may read or write here.',
  },
  {
    rule: 'CKV_AWS_21',
    stages: both,
    resources: /^aws_s3_bucket\.(messages|messaging)_large-messages_/,
    reason:
      'A key names its contents, so that nothing is overwritten; versions would double how long messages are kept.',
  },
  {
    rule: 'CKV_AWS_144',
    stages: both,
    resources: /^aws_s3_bucket\./,
    reason: 'A copy in another region doubles storage and traffic; versions are kept against mistakes.',
  },
  {
    rule: 'CKV2_AWS_57',
    stages: both,
    resources: /^aws_secretsmanager_secret\./,
    reason:
      'The payment provider makes the value: the handler takes a list of them while one follows the other.',
  },
  {
    rule: 'DynamoDB.6',
    stages: ['dev'],
    resources: /^aws_dynamodb_table\./,
    reason: 'A development stage must go with one `cdktf destroy`.',
  },
  {
    rule: 'CKV2_AWS_11',
    stages: ['dev'],
    resources: /^aws_vpc\./,
    reason: 'Flow logs cost money and nobody reads them in dev; prod logs refused connections.',
  },
  {
    rule: 'CKV_AWS_293',
    stages: ['dev'],
    resources: /^aws_db_instance\./,
    reason: 'A development stage must go with one `cdktf destroy`.',
  },
  {
    rule: 'CKV_AWS_157',
    stages: ['dev'],
    resources: /^aws_db_instance\./,
    reason: 'A standby doubles the price of the database; dev can wait for a restart.',
  },
  {
    rule: 'CKV_AWS_353',
    stages: ['dev'],
    resources: /^aws_db_instance\./,
    reason: 'RDS has no Performance Insights on db.t4g.micro.',
  },
  {
    rule: 'CKV_AWS_118',
    stages: both,
    resources: /^aws_db_instance\./,
    reason:
      "Enhanced monitoring is a paid log of the operating system; CloudWatch's metrics carry the alarms.",
  },
  {
    rule: 'RDS.23',
    stages: both,
    resources: /^aws_db_instance\./,
    reason: 'Another port hides nothing: only the security groups of its functions may connect at all.',
  },
  {
    rule: 'RDS.20',
    stages: both,
    resources: /^aws_db_instance\./,
    reason:
      'Failovers and restarts show in the alarms on what users notice: message age, errors, connections.',
  },
  {
    rule: 'CKV_AWS_115',
    stages: ['dev'],
    resources: /^aws_lambda_function\./,
    reason: 'New accounts have a concurrency of ten in all and cannot reserve any.',
  },
  {
    rule: 'CKV_AWS_115',
    stages: ['prod'],
    resources: /^aws_lambda_function\.(messages_producer|platform_migrations)_/,
    reason: 'The producer is bounded by the throttle of the API, migrations by a lock in the database.',
  },
  {
    rule: 'functions in front of the database are bounded',
    stages: ['dev'],
    resources: /^aws_lambda_function\.(messages_(reader|consumer)|passwords_(history|recorder))_/,
    reason:
      'New accounts cannot reserve; their ten instances cannot exhaust the connections of a db.t4g.micro.',
  },
  {
    rule: 'CKV_AWS_117',
    stages: ['dev'],
    resources: /^aws_lambda_function\.messages_producer_/,
    reason: 'Publishing from the VPC takes an interface endpoint of 14.60 USD a month; prod has it.',
  },
  {
    rule: 'CKV_AWS_117',
    stages: ['dev'],
    resources: /^aws_lambda_function\.passwords_(register|change|sweep)_/,
    reason:
      'As with the producer, two of them publish; DynamoDB asks for IAM either way. In prod they are inside.',
  },
  {
    rule: 'CKV_AWS_117',
    stages: both,
    resources: /^aws_lambda_function\.messaging_api_/,
    reason:
      'It calls SQS, SNS, CloudWatch, Lambda and Kinesis, and never the database: five interface endpoints for nothing.',
  },
  {
    rule: 'CKV_AWS_286',
    stages: both,
    resources: /^aws_iam_role_policy\.messaging_api_/,
    reason:
      'A topic may invoke what is subscribed to it: the permission is for functions of the prefix only, which no stage makes.',
  },
  {
    rule: 'CKV_AWS_289',
    stages: both,
    resources: /^aws_iam_role_policy\.messaging_api_/,
    reason: 'Sharing queues and topics with other accounts is what it offers; those of the prefix only.',
  },
  {
    rule: 'CKV_AWS_117',
    stages: both,
    resources: /^aws_lambda_function\.passwords_mailer_/,
    reason: 'It calls SES and a table, and never the database: one more interface endpoint for nothing.',
  },
  {
    rule: 'CKV_AWS_117',
    stages: both,
    resources: /^aws_lambda_function\.platform_migrations_coordinator_/,
    reason:
      'It calls Secrets Manager and Lambda, and never the database: two more interface endpoints for nothing.',
  },
  {
    rule: 'CKV_AWS_117',
    stages: both,
    resources: /^aws_lambda_function\.(events|items|shop)_/,
    reason:
      'They call tables, S3, SNS, SQS, EventBridge and Secrets Manager, and never the database: interface endpoints for nothing.',
  },
  {
    rule: 'CKV_AWS_173',
    stages: both,
    resources: /^aws_lambda_function\./,
    reason: "No secret is in an environment (CKV_AWS_45 is judged); AWS's own key encrypts them.",
  },
  {
    rule: 'CKV_AWS_272',
    stages: both,
    resources: /^aws_lambda_function\./,
    reason:
      'Packages are made at synth on the machine that deploys; a signature by the same hands proves nothing.',
  },
  {
    rule: 'CKV_AWS_338',
    stages: both,
    resources: /^aws_cloudwatch_log_group\./,
    reason: 'Two weeks in dev and ninety days in prod are enough to debug; longer costs storage.',
  },
];
