import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Thousands of Node processes are started, each of which would compile, or strip of its types, the same code.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/orch-test-compiled', import.meta.url),
);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // Child processes and servers live in forks of their own; two cores carry two at a time.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
