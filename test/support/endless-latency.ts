// Loaded first by an orch that a test starts: what is simulated takes for ever, unless it is aborted.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const setTimeout = timers.setTimeout;
const LONGEST_MS = 2 ** 31 - 1;

timers.setTimeout = ((ms, value, options) =>
  setTimeout(options?.signal ? LONGEST_MS : ms, value, options)) as typeof setTimeout;
syncBuiltinESMExports();
