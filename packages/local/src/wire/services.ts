import { cognitoIdp } from './cognito-idp';
import { dynamodb } from './dynamodb';
import { eventbridge } from './eventbridge';
import { kinesis } from './kinesis';
import { lambda } from './lambda';
import { logs } from './logs';
import { monitoring } from './monitoring';
import type { Service } from './protocol';
import { s3 } from './s3';
import { scheduler } from './scheduler';
import { secretsmanager } from './secretsmanager';
import { ses } from './ses';
import { sns } from './sns';
import { sqs } from './sqs';
import { sts } from './sts';

/** Every service of the AWS endpoint; a new one is a file and a line here. */
export const services: readonly Service[] = [
  sns,
  sqs,
  dynamodb,
  kinesis,
  scheduler,
  eventbridge,
  secretsmanager,
  lambda,
  logs,
  monitoring,
  ses,
  cognitoIdp,
  sts,
  // The last: what nobody signed is S3's only where it is nobody else's.
  s3,
];
