/** @type {import('jest').Config} The system under load, and while its processes are killed; see test/chaos. */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/chaos/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  // Each has the machine to itself.
  maxWorkers: 1,
};
