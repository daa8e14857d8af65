import { Logger, makeWorkerUtils, runOnce } from 'graphile-worker';
import { Pool } from 'pg';
import { print, timed } from '../cases/figures.mjs';

// No-op jobs through graphile-worker, fetched and completed in batches as its own performance page recommends.
const { url, n, concurrency } = JSON.parse(process.argv[2]);
const pgPool = new Pool({ connectionString: url, max: concurrency + 2 });
const logger = new Logger(() => () => {});
await pgPool.query('DROP SCHEMA IF EXISTS graphile_worker CASCADE');

const utils = await makeWorkerUtils({ pgPool, logger });
await utils.migrate();
const addMs = await timed(async () => {
  for (let done = 0; done < n; done += 1000) {
    const length = Math.min(1000, n - done);
    const jobs = Array.from({ length }, (_, i) => ({ identifier: 'noop', payload: { index: done + i } }));
    await utils.addJobs(jobs);
  }
});
await pgPool.query('ANALYZE');

let executed = 0;
const noop = async () => {
  executed += 1;
};
const worker = {
  concurrentJobs: concurrency,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const runMs = await timed(() =>
  runOnce({ pgPool, logger, noHandleSignals: true, preset: { worker }, taskList: { noop } }),
);
const { rows } = await pgPool.query('SELECT count(*)::int AS left FROM graphile_worker.jobs');
if (executed !== n || rows[0].left !== 0)
  throw new Error(`${executed} of ${n} executed, ${rows[0].left} left`);
await utils.release();
await pgPool.end();
print({ addedPerSecond: (n / addMs) * 1000, tasksPerSecond: (n / runMs) * 1000 });
