import { PasswordHasher } from '../../../handlers/passwords/password-hash';

const hasher = new PasswordHasher();

test('a hash is verified by its password and by no other', async () => {
  const hash = await hasher.hash('correct horse');
  expect(await hasher.verify('correct horse', hash)).toBe(true);
  expect(await hasher.verify('correct horsf', hash)).toBe(false);
  expect(await hasher.verify('', hash)).toBe(false);
});

test('a hash of other parameters is verified by those', async () => {
  // The third vector of RFC 7914, section 12.
  const key =
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
    'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
  const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  const hash = `$scrypt$ln=14,r=8,p=1$${encode(Buffer.from('SodiumChloride'))}$${encode(Buffer.from(key, 'hex'))}`;
  expect(await hasher.verify('pleaseletmein', hash)).toBe(true);
  expect(await hasher.verify('pleaseletmeIn', hash)).toBe(false);
});

test("nobody's hash costs as much as anybody's", async () => {
  const form = (hash: string) => hash.replace(/\$[\w+/]{22}\$[\w+/]{43}$/, '$<salt>$<hash>');
  expect(form(hasher.nobodysHash)).toBe('$scrypt$ln=15,r=8,p=3$<salt>$<hash>');
  expect(form(await hasher.hash('any'))).toBe(form(hasher.nobodysHash));
  expect(await hasher.verify('', hasher.nobodysHash)).toBe(false);
});

test('what is no hash is an error that does not quote it', async () => {
  const failure = await hasher.verify('x', '$2b$10$secret').catch(String);
  expect(failure).toBe('Error: a password hash is not in the form $scrypt$...');
});
