import { defineConfig } from 'rolldown';

/** Also what starts as a process, or a thread, of its own. It is named by a path beside whoever starts it, so that all of the build lies in one folder. */
const ENTRIES = {
  index: 'src/index.ts',
  main: 'src/cli/main.ts',
  worker: 'src/cli/selftest/worker.ts',
  'lock-holder': 'src/stores/json/doctor/lock-holder.ts',
  'validate-thread': 'src/verifiers/schema/validate-thread.ts',
  'match-thread': 'src/verifiers/expect/match-thread.ts',
};

/** What so many commands and other parts that are loaded by themselves have in common is one file: a start reads few files, and little that it does not need. */
const SHARED_BY = 8;

export default defineConfig({
  input: ENTRIES,
  platform: 'node',
  // Dependencies stay packages of their own.
  external: /^[^./]/,
  output: {
    dir: 'dist',
    cleanDir: true,
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: SHARED_BY }] },
  },
});
