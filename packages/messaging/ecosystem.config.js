const { join } = require('node:path');

/**
 * PM2: `pm2 start ecosystem.config.js --env production`, in the folder of messaging.config.json. One instance: events and the
 * answers to Idempotency-Keys are kept in the process. Variables are those of `aws-micro-messaging --help`; tokens belong
 * into the file that AWS_MICRO_TOKENS_FILE names.
 */
module.exports = {
  apps: [
    {
      name: 'messaging',
      script: join(__dirname, 'bin', 'aws-micro-messaging.mjs'),
      instances: 1,
      exec_mode: 'fork',
      // The server says when it listens, and at the end lets requests finish: 10 s, and time to close.
      wait_ready: true,
      listen_timeout: 15_000,
      kill_timeout: 15_000,
      max_memory_restart: '512M',
      env: { AWS_MICRO_PORT: '4600' },
      env_development: { NODE_ENV: 'development', AWS_MICRO_ENV: 'development' },
      env_production: { NODE_ENV: 'production', AWS_MICRO_ENV: 'production' },
    },
  ],
};
