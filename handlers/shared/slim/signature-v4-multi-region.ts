import { SignatureV4 } from '@smithy/signature-v4';

/**
 * Takes the place of `@aws-sdk/signature-v4-multi-region` in bundles: SES can be asked to sign for several regions at
 * once, for endpoints that replicate mails, which ours is not.
 */
export class SignatureV4MultiRegion extends SignatureV4 {
  static readonly sigv4aDependency = (): string => 'none';
}

/** The SDK's class of that name adds signing with given credentials, for directory buckets, which ours are not. */
export const SignatureV4SignWithCredentials = SignatureV4;
