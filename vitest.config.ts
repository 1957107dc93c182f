import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

export default defineConfig({
  // Without "development", so that graphql is the one instance that Node itself would load.
  ssr: { resolve: { conditions: ['module-sync', 'node', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Most of a test's time is waiting for servers and commands that it started.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes late on a machine that is busy.
    expect: { poll: { timeout: 15_000 } },
    reporters: ['default', new ClosingLine()],
  },
});
