/** Takes the place of `long` in bundles: what mysql2 wants of it, for integers over 2^53, JavaScript can do itself. */
class Long {
  private readonly value: bigint;

  constructor(low: number, high: number, unsigned: boolean) {
    const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    this.value = unsigned ? bits : BigInt.asIntN(64, bits);
  }

  toNumber(): number {
    return Number(this.value);
  }

  toString(): string {
    return this.value.toString();
  }
}

export = Long;
