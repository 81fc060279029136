import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { connectionSettings, openSession } from '../../handlers/shared/connection';
import { TestDatabase } from '../support/database';
import { type FakeMySql, startFakeMySql } from '../support/fake-mysql';

const PASSWORD = 'correct horse battery staple';

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

async function certificateFor(name: string): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { key, cert };
}

let server: FakeMySql | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const iam = { kind: 'iam', region: 'us-east-1' } as const;
const password = { kind: 'password', password: PASSWORD } as const;

describe('the token and the password', () => {
  let certificate: Certificate;

  beforeAll(async () => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    certificate = await certificateFor('localhost');
  });

  function open(login: typeof iam | typeof password, certificateAuthorities: string[] | 'off') {
    const settings = { host: '127.0.0.1', port: server?.port ?? 0, user: 'messages_writer' };
    return openSession({ ...settings, login, certificateAuthorities });
  }

  test('a token goes to a server that was verified, and nobody on the network can read it', async () => {
    server = await startFakeMySql({ tls: certificate });
    const session = await open(iam, [certificate.cert]);
    session.destroy();
    expect(server.passwords).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+\/\?Action=connect&DBUser=messages_writer&.*&X-Amz-Signature=/),
    ]);
    expect(server.onTheWire()).not.toContain('X-Amz-Signature');
  });

  test('no token for a server without TLS', async () => {
    server = await startFakeMySql();
    await expect(open(iam, [certificate.cert])).rejects.toMatchObject({ code: 'HANDSHAKE_NO_SSL_SUPPORT' });
    expect(server.onTheWire()).toBe('');
  });

  test('no token for a server with a certificate of somebody else', async () => {
    server = await startFakeMySql({ tls: await certificateFor('localhost') });
    await expect(open(iam, [certificate.cert])).rejects.toMatchObject({ name: 'DatabaseError' });
    expect(server.passwords).toEqual([]);
  });

  test('no token for a server with a certificate for another name', async () => {
    const other = await certificateFor('other.example.com');
    server = await startFakeMySql({ tls: other });
    await expect(open(iam, [other.cert])).rejects.toThrow(/does not match certificate's altnames/);
    expect(server.passwords).toEqual([]);
  });

  test.each(['with', 'without'])('no password in clear text to a server %s TLS', async (tls) => {
    server = await startFakeMySql(tls === 'with' ? { tls: certificate } : {});
    const opening = open(password, tls === 'with' ? [certificate.cert] : 'off');
    await expect(opening).rejects.toMatchObject({ code: 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED' });
    expect(server.passwords).toEqual([]);
    expect(server.onTheWire()).not.toContain(PASSWORD);
  });
});

describe('the environment', () => {
  let folder: string;
  const env = {
    AWS_REGION: 'us-east-1',
    DATABASE_HOST: 'db.example.com',
    DATABASE_PORT: '3306',
    DATABASE_NAME: 'app',
    DATABASE_USER: 'messages_reader',
    DATABASE_AUTH: 'iam',
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aws-micro-ca-'));
    writeFileSync(join(folder, 'ca.pem'), 'PEM');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('gives a token and the authorities of RDS', () => {
    expect(connectionSettings(env)).toMatchObject({
      host: 'db.example.com',
      port: 3306,
      database: 'app',
      user: 'messages_reader',
      login: { kind: 'iam', region: 'us-east-1' },
      certificateAuthorities: expect.arrayContaining([
        expect.stringContaining('BEGIN CERTIFICATE'),
      ]) as string[],
    });
  });

  test('gives a password and an authority of its own', () => {
    const local = {
      ...env,
      DATABASE_AUTH: 'password',
      DATABASE_PASSWORD: 'p',
      DATABASE_CA_FILE: join(folder, 'ca.pem'),
    };
    expect(connectionSettings(local)).toMatchObject({
      login: { kind: 'password', password: 'p' },
      certificateAuthorities: ['PEM'],
    });
  });

  test('turns TLS off for a password only', () => {
    const local = { ...env, DATABASE_AUTH: 'password', DATABASE_PASSWORD: 'p', DATABASE_TLS: 'off' };
    expect(connectionSettings(local).certificateAuthorities).toBe('off');
    expect(() => connectionSettings({ ...env, DATABASE_TLS: 'off' })).toThrow(
      'DATABASE_TLS=off needs DATABASE_AUTH=password',
    );
  });

  test.each([
    'DATABASE_HOST',
    'DATABASE_PORT',
    'DATABASE_NAME',
    'DATABASE_USER',
    'DATABASE_AUTH',
    'AWS_REGION',
  ])('without %s is refused', (name) => {
    expect(() => connectionSettings({ ...env, [name]: undefined })).toThrow(
      `environment variable ${name} is not set`,
    );
  });

  test('with another way to log in is refused', () => {
    expect(() => connectionSettings({ ...env, DATABASE_AUTH: 'none' })).toThrow('DATABASE_AUTH');
  });
});

test('the real server is verified by its authority', async () => {
  const fixture = await TestDatabase.create('empty');
  const stranger = await certificateFor('localhost');
  const admin = { ...fixture.admin, database: undefined };
  const session = await openSession(admin);
  const [row] = await session.query<{ Value: string }[]>("SHOW STATUS LIKE 'Ssl_version'");
  session.destroy();
  const wrong = openSession({ ...admin, certificateAuthorities: [stranger.cert] });
  await expect(wrong).rejects.toMatchObject({ name: 'DatabaseError' });
  await fixture.drop();
  expect(row?.Value).toMatch(/^TLSv1\.[23]$/);
  expect(readFileSync(fixture.caFile ?? '', 'utf8')).toBe(fixture.admin.certificateAuthorities[0]);
});
