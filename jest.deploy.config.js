/** @type {import('jest').Config} The tests that need terraform, the real AWS provider, moto and other rivals. */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: [
    '<rootDir>/test/deploy/**/*.test.ts',
    '<rootDir>/test/app/synth.test.ts',
    '<rootDir>/test/differential/fauxqs.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/'],
  testSequencer: '<rootDir>/test/support/longest-first.js',
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 1_200_000,
  maxWorkers: 2,
};
