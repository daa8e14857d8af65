import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Thousands of Node processes are started, each of which would compile, or strip of its types, the same code.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/orch-test-compiled', import.meta.url),
);

/** They leave nothing in the process that another file could find, so that they may share one. What puts a module in the place of another does. */
const SHARED = [
  'test/{core,executors,model,safety,verifiers}/**/*.test.ts',
  'test/claude/**/!(fault-matrix|transport).test.ts',
  'test/cli/{audit,input,story}/**/*.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/support/no-network.ts'],
    // Child processes and servers live in forks of their own; two cores carry two at a time, and a third while one waits.
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A second, which is usual, may be too short on a busy machine.
    expect: { poll: { interval: 10, timeout: 20_000 } },
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: SHARED,
          globalSetup: ['test/support/run-folder.ts'],
        },
      },
      { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
    ],
  },
});
