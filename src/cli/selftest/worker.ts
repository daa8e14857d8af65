/** A process of `orch selftest`. Its job is JSON in its environment: a URL may have a password. It tells what happens on descriptor 3. */
import { messageOf } from '../../model/errors.ts';
import { JOB, type Job } from './job.ts';
import { teller } from './told.ts';
import { watchSyncs } from './watch-syncs.ts';

const TOLD_FD = 3;

const job: Job = JSON.parse(process.env[JOB] ?? '');
const tell = teller(TOLD_FD, job.worker, job.epochMs);

// Not for users: breaks one of the rules that are proved, so that a test can see that the self-test notices. `fencing`: a run
// that has lost a task settles it all the same. `sync`: what the store acknowledges is on the disk only later.
const broken = process.env.ORCH_SELFTEST_BREAK;

// A terminal sends these to all of its processes; the self-test ends its workers itself.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => undefined);

watchSyncs(tell, broken === 'sync');
try {
  const { work } = await import('./work.ts');
  await work(job, tell, broken === 'fencing');
} catch (error) {
  tell({ kind: 'trouble', message: messageOf(error) });
  process.exitCode = 1;
}
process.stdin.destroy();
