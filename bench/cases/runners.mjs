import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CpuShares } from '../harness/cpu-share.ts';
import { timed } from './figures.mjs';

/**
 * Lets processes work on one store until nothing is left of its `n` tasks. The time is from the moment all are ready to the moment the last has ended.
 * @param store what orch-runner.mjs opens: the `path` of a file or a `url`
 * @param cpuShare of one core, that each process has once it is ready. Default: what it can get.
 * @returns tasks a second
 */
export async function workTogether(store, n, concurrency, processes, cpuShare) {
  const runner = join(import.meta.dirname, 'orch-runner.mjs');
  const options = JSON.stringify({ ...store, concurrency });
  const runners = Array.from({ length: processes }, () => fork(runner, [options]));
  for (const child of runners) {
    child.once('exit', (status) => {
      if (status !== 0) throw new Error(`A process ended with status ${status}`);
    });
  }
  const answers = () => Promise.all(runners.map(async (child) => (await once(child, 'message'))[0]));
  await answers();
  const shares = new CpuShares();
  if (cpuShare) for (const { pid } of runners) shares.limit(pid, cpuShare);
  let counts = [];
  const ms = await timed(async () => {
    const done = answers();
    for (const child of runners) child.send('go');
    counts = await done;
  });
  await Promise.all(runners.map((child) => child.exitCode ?? once(child, 'exit')));
  shares.close();
  const completed = counts.reduce((sum, count) => sum + count, 0);
  if (completed !== n)
    throw new Error(`${completed} of ${n} tasks were completed, each process's own counted`);
  return (n / ms) * 1000;
}
