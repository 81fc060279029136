/** Where the runtime pretends to be. */
export interface Locale {
  readonly region: string;
  readonly accountId: string;
}

export const localLocale: Locale = { region: 'us-east-1', accountId: '000000000000' };

export function queueArn(locale: Locale, name: string): string {
  return `arn:aws:sqs:${locale.region}:${locale.accountId}:${name}`;
}

export function topicArn(locale: Locale, name: string): string {
  return `arn:aws:sns:${locale.region}:${locale.accountId}:${name}`;
}

export function functionArn(locale: Locale, name: string): string {
  return `arn:aws:lambda:${locale.region}:${locale.accountId}:function:${name}`;
}

/** The last part of an ARN: a queue's, topic's or function's name. */
export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
