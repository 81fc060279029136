/** Where AWS documents what decides a difference. */
export const SQS = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference';
export const SQS_GUIDE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide';
export const SNS = 'https://docs.aws.amazon.com/sns/latest/api';
export const SNS_GUIDE = 'https://docs.aws.amazon.com/sns/latest/dg';
