import { iamToken } from '../../handlers/shared/iam-token';

const HOST = 'mysql.abc123.eu-central-1.rds.amazonaws.com';
const options = { host: HOST, port: 3306, user: 'messages_writer', region: 'eu-central-1' };
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** From `aws rds generate-db-auth-token --hostname ... --port 3306 --username messages_writer`, with those credentials. */
const fromCli =
  `${HOST}:3306/?Action=connect&DBUser=messages_writer&X-Amz-Algorithm=AWS4-HMAC-SHA256` +
  '&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Feu-central-1%2Frds-db%2Faws4_request&X-Amz-Date=20261121T043543Z' +
  '&X-Amz-Expires=900&X-Amz-SignedHeaders=host' +
  '&X-Amz-Signature=18d239310c12c021e5358f22b461e08e05cf4cb4b3b30400e9154af2f13dde52';
const fromCliWithSession =
  `${HOST}:3306/?Action=connect&DBUser=messages_writer&X-Amz-Algorithm=AWS4-HMAC-SHA256` +
  '&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Feu-central-1%2Frds-db%2Faws4_request&X-Amz-Date=20261121T043544Z' +
  '&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=FwoGZXIvYXdzEXAMPLE%2F%2Btoken%3D%3D' +
  '&X-Amz-Signature=7a464a62b04958414f972889b8252a7d8be0176f604e3bbe7fb5c525348de607';

function parameters(token: string): string[] {
  return token.split(/[?&]/).sort();
}

test('is the token that the aws CLI makes', () => {
  const signedAt = Date.UTC(2026, 10, 21, 4, 35, 43);
  expect(iamToken({ ...options, credentials, signedAt })).toBe(fromCli);
});

test('is the token that the aws CLI makes with session credentials, as Lambda has them', () => {
  const signedAt = Date.UTC(2026, 10, 21, 4, 35, 44, 999);
  const session = { ...credentials, sessionToken: 'FwoGZXIvYXdzEXAMPLE/+token==' };
  // The CLI puts the session token last, which the signature does not see.
  expect(parameters(iamToken({ ...options, credentials: session, signedAt }))).toEqual(
    parameters(fromCliWithSession),
  );
});

test('is for one server, user and moment', () => {
  const signedAt = Date.UTC(2026, 0);
  const token = (changes: Partial<typeof options> & { signedAt?: number }) =>
    iamToken({ ...options, credentials, signedAt, ...changes }).slice(-64);
  const tokens = [{}, { host: 'other' }, { port: 3307 }, { user: 'root' }, { signedAt: signedAt + 1000 }].map(
    token,
  );
  expect(new Set(tokens).size).toBe(tokens.length);
});
