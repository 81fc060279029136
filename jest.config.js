/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/packages/*/test/**/*.test.ts'],
  // What takes long runs where others wait for terraform: jest.deploy.config.js.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/(deploy|chaos)/',
    '<rootDir>/test/app/synth',
    '<rootDir>/test/differential/fauxqs',
  ],
  modulePathIgnorePatterns: ['<rootDir>/cdktf.out/', '<rootDir>/.aws-micro', '<rootDir>/packages/.*/dist/'],
  moduleNameMapper: {
    '^@aws-micro/messaging$': '<rootDir>/packages/messaging/src/index.ts',
    '^@aws-micro/messaging/(.*)$': '<rootDir>/packages/messaging/src/$1/index.ts',
  },
  transform: {
    // Published as ES modules only.
    '/node_modules/jose/.*\\.js$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }],
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
    '\\.sql$': '<rootDir>/test/support/sql-transform.js',
  },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testTimeout: 30_000,
  maxWorkers: 2,
};
