import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';
import { passwordBytes } from './password-rules';

/** What a hash costs whoever makes it: scrypt's parameters. */
export interface HashCost {
  /** Binary logarithm of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 32 MiB, three times over, for each guess.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
const OWASP: HashCost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** PHC string format: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, base64 without padding. */
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

/** Makes and verifies hashes of passwords. A hash carries its salt and its cost, so that the cost of new ones may rise. */
export class PasswordHasher {
  /** Of no password that anyone knows. Verified for users who do not exist, so that the answer takes as long. */
  readonly nobodysHash: string;

  constructor(private readonly cost: HashCost = OWASP) {
    this.nobodysHash = phc(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return phc(this.cost, salt, await derive(password, salt, KEY_BYTES, this.cost));
  }

  /** @throws Error if the hash is not one of ours */
  async verify(password: string, hash: string): Promise<boolean> {
    const [, ln, r, p, salt = '', key = ''] = PHC.exec(hash) ?? [];
    if (ln === undefined) throw new Error('a password hash is not in the form $scrypt$...');
    const expected = Buffer.from(key, 'base64');
    const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
    const found = await derive(password, Buffer.from(salt, 'base64'), expected.length, cost);
    return timingSafeEqual(found, expected);
  }
}

function phc({ ln, r, p }: HashCost, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(key)}`;
}

function derive(password: string, salt: Buffer, length: number, { ln, r, p }: HashCost): Promise<Buffer> {
  const N = 2 ** ln;
  // 128 * N * r bytes are the function's own need; OpenSSL counts some blocks more.
  const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p + 2) };
  return new Promise((resolve, reject) => {
    scrypt(passwordBytes(password), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
