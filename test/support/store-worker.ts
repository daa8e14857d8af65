/**
 * A process that works on a JSON store as a test tells it: `node store-worker.ts <store> <job> [argument]`.
 * It says `ready`, waits for a line, does its job, and prints what came of it as a line of JSON.
 */
import { once } from 'node:events';
import type { FaultPoint } from '../../src/stores/json/file-adapter.ts';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { checkpoint, claimOne, done, LEASE_MS, runInfo } from './store-parts.ts';

const [path = '', job = '', argument = ''] = process.argv.slice(2);
const run = `run-${process.pid}`;

/** Longer than any test takes: such a lease ends by death alone. */
const HOUR_MS = 3_600_000;

const jobs: Record<string, () => Promise<unknown>> = {
  /** Claims and completes until there is nothing left. */
  async work() {
    await store.join(runInfo(run));
    const ids: string[] = [];
    for (;;) {
      const claim = await store.claim({ run, leaseMs: LEASE_MS });
      if (!claim.task) return ids;
      await store.settle(claim.lease, done(`by ${run}`));
      ids.push(claim.task.id);
    }
  },

  /** Claims a task, keeps an output where it is told to, and goes on living. */
  async hold() {
    await store.join(runInfo(run));
    const { task, lease } = await claimOne(store, run, { leaseMs: HOUR_MS });
    if (argument) await store.checkpoint(lease, checkpoint(argument));
    console.log(JSON.stringify({ id: task.id, expiresAt: lease.expiresAt }));
    await once(process.stdin, 'end');
  },

  /** Dies at the named moment of a write. */
  async die() {
    dieAt = argument as FaultPoint;
    await store.add([{ description: 'the last words' }]);
  },
};

let dieAt: FaultPoint | undefined;
const store = await JsonTaskStore.open(path, {
  create: true,
  faultHook: (point) => {
    if (point === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
console.log('ready');
await once(process.stdin, 'data');
console.log(JSON.stringify((await jobs[job]?.()) ?? null));
await store.close();
process.stdin.destroy();
