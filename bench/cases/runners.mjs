import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { timed } from './figures.mjs';

/**
 * Lets processes work on one store until nothing is left of its `n` tasks. The time is from the moment all are ready to the moment the last has ended.
 * @param store what orch-runner.mjs opens: the `path` of a file or a `url`
 * @returns tasks a second
 */
export async function workTogether(store, n, concurrency, processes) {
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
  let counts = [];
  const ms = await timed(async () => {
    const done = answers();
    for (const child of runners) child.send('go');
    counts = await done;
  });
  const completed = counts.reduce((sum, count) => sum + count, 0);
  if (completed !== n)
    throw new Error(`${completed} of ${n} tasks were completed, each process's own counted`);
  return (n / ms) * 1000;
}
