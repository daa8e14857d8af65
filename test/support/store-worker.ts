/**
 * A process that works on a store as a test tells it: `node store-worker.ts <store> <job> [argument]`.
 * It says `ready`, waits for a line, does its job, and prints what came of it as a line of JSON.
 */
import { once } from 'node:events';
import { OrchestratorBuilder } from '../../src/core/builder.ts';
import type { Executor } from '../../src/ports/executor.ts';
import type { FaultPoint } from '../../src/stores/json/disk/fault-points.ts';
import { openStore } from './open-store.ts';
import { again, checkpoint, claimOne, done, LEASE_MS, runInfo } from './store-parts.ts';

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

  /** Adds so many tasks one by one; now and then as a command does it, which folds the journal at its end. */
  async add() {
    const ids: string[] = [];
    for (let i = 0; i < Number(argument); i++) {
      const adder = i % 5 === 0 ? await openStore(path) : store;
      for (const { id } of await adder.add([{ description: `${i} of ${run}` }])) ids.push(id);
      if (adder !== store) await adder.close();
    }
    return ids;
  },

  /** A whole run, which stays until it is told to stop. Says when it has begun. */
  async run() {
    const ids: string[] = [];
    const executor: Executor = {
      async execute({ id, description }) {
        ids.push(id);
        return { success: true, output: `did ${description}` };
      },
    };
    const orchestrator = new OrchestratorBuilder()
      .withTaskStore(store)
      .withExecutor(executor)
      .withConfig({ stay: true })
      .onRunStart(() => console.log('running'))
      .build();
    await orchestrator.run();
    return ids;
  },

  /** Claims a task, is told when to go on, and tries to make something of its claim. */
  async wake() {
    await store.join(runInfo(run));
    const { lease } = await claimOne(store, run);
    console.log(JSON.stringify(lease));
    await once(process.stdin, 'data');
    const tries = await Promise.allSettled([
      store.checkpoint(lease, checkpoint('late')),
      store.settle(lease, done('late')),
      store.settle(lease, again()),
    ]);
    const lost = await store.renew([lease], LEASE_MS);
    const codes = tries.map((each) => (each.status === 'rejected' ? each.reason.code : each.status));
    return { codes, lost: lost.length };
  },

  /** Completes tasks with results of so many bytes. @returns bytes in use before and after, without what is garbage. */
  async heap() {
    const [count = 0, bytes = 0] = argument.split(' ').map(Number);
    await store.join(runInfo(run));
    await store.add(Array.from({ length: count }, (_, i) => ({ description: `${i}` })));
    const before = heapUsed();
    for (let i = 0; i < count; i += 20) {
      const claims = await Promise.all(Array.from({ length: 20 }, () => claimOne(store, run)));
      const results = claims.map(({ task, lease }) =>
        store.settle(lease, done(`${task.id} ${'r'.repeat(bytes)}`)),
      );
      await Promise.all(results);
    }
    return { before, after: heapUsed() };
  },

  /** Dies at the named moment of a write, the so many-th time that it comes by there: `before-append 2`. */
  async die() {
    const [point, time] = argument.split(' ');
    deaths.set(point as FaultPoint, Number(time));
    await store.add([{ description: 'the last words' }]);
    await store.close();
  },
};

function heapUsed(): number {
  if (!globalThis.gc) throw new Error('to be started with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** How many times from now on a moment is passed until it is the last. */
const deaths = new Map<FaultPoint, number>();
const store = await openStore(path, {
  faultHook: (point) => {
    const left = deaths.get(point);
    if (left === undefined) return;
    deaths.set(point, left - 1);
    if (left === 1) process.kill(process.pid, 'SIGKILL');
  },
});
console.log('ready');
await once(process.stdin, 'data');
console.log(JSON.stringify((await jobs[job]?.()) ?? null));
await store.close();
process.stdin.destroy();
