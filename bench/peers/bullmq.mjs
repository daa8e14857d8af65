import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { print, timed } from '../cases/figures.mjs';

// No-op jobs through BullMQ, acknowledged by a Redis that keeps them in memory alone.
const { port, n, concurrency } = JSON.parse(process.argv[2]);
const connection = { host: '127.0.0.1', port };

const redis = new Redis(connection);
await redis.flushall();
await redis.quit();

const queue = new Queue('bench', { connection });
const addMs = await timed(async () => {
  for (let done = 0; done < n; done += 1000) {
    const length = Math.min(1000, n - done);
    await queue.addBulk(Array.from({ length }, (_, i) => ({ name: 'noop', data: { index: done + i } })));
  }
});

const worker = new Worker('bench', async () => 'ok', { connection, concurrency, autorun: false });
await worker.waitUntilReady();
const runMs = await timed(
  () =>
    new Promise((resolve, reject) => {
      let completed = 0;
      worker.on('completed', () => {
        completed += 1;
        if (completed === n) resolve();
      });
      worker.on('failed', (_job, error) => reject(error));
      worker.on('error', reject);
      worker.run().catch(reject);
    }),
);
const { completed } = await queue.getJobCounts('completed');
if (completed !== n) throw new Error(`${completed} of ${n} jobs are completed`);
await worker.close();
await queue.close();
print({ addedPerSecond: (n / addMs) * 1000, tasksPerSecond: (n / runMs) * 1000 });
