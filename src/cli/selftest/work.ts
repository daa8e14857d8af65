import { setTimeout, setImmediate as turn } from 'node:timers/promises';
import { OrchestratorBuilder } from '../../core/builder.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import { systemRuntime } from '../../core/runtime.ts';
import type { Clock } from '../../model/clock.ts';
import { isOrchError } from '../../model/errors.ts';
import type { NewTask, Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { FAULT_POINTS, type FaultPoint } from '../../stores/json/disk/fault-points.ts';
import { JsonTaskStore } from '../../stores/json/json-task-store.ts';
import { isPostgres } from '../../stores/postgres/connection/location.ts';
import type { Job } from './job.ts';
import { isChecked, newTask, outputOf } from './tasks.ts';
import { telling } from './telling-store.ts';
import { sharedNow, type Tell, type Told } from './told.ts';
import { unfenced } from './unfenced-store.ts';

/** Short, so that a stall is soon over; long beside what a task takes, and the way to a database. Milliseconds. */
const LEASES = {
  disk: { leaseMs: 400, renewMs: 100 },
  database: { leaseMs: 2000, renewMs: 500 },
};

/** How often a database is asked for its store, and milliseconds between two times. */
const MOST_TRIES = 5;
const PAUSE_MS = 200;

/** Most turns of the event loop that an execution takes. */
const MOST_TURNS = 3;

/** Does a job with the real loop and the real store. Rejects when the store fails. */
export async function work(job: Job, tellOnly: Tell, isUnfenced: boolean): Promise<void> {
  const clock: Clock = { now: () => Math.floor(sharedNow(job.epochMs)) };
  const mayDie = dying(job, tellOnly);
  const tell: Tell = (told) => {
    tellOnly(told);
    mayDie(told.kind);
  };
  // Without one a store writes in one go.
  const faultHook = FAULT_POINTS.some((point) => point === job.die?.at) ? mayDie : undefined;
  const openOwn = async (): Promise<TaskStore> => {
    if (isPostgres(job.store)) return connect(job.store);
    const crowd = job.crowd !== undefined && { crowd: job.crowd };
    return JsonTaskStore.open(job.store, { clock, ...crowd, ...(faultHook && { faultHook }) });
  };
  const open = async (): Promise<TaskStore> => {
    const store = await openOwn();
    return telling(isUnfenced ? unfenced(store) : store, tell);
  };
  const store = await open();
  const orchestrator = orchestratorOf(job, store, clock, tell);
  let told = false;
  process.stdin.resume().once('end', () => {
    told = true;
    orchestrator.stop();
  });

  const adding = addAll(job, open);
  adding.catch(() => orchestrator.stop());
  if (!told) await orchestrator.run();
  await adding;
  if (!told && !job.stay) await orchestrator.run();
  while (job.finish && (await resetCrashed(store))) await orchestrator.run();
  await store.close();
}

/** Connections are ended while a store is opened, too, which whoever opens it is told at once. */
async function connect(url: string): Promise<TaskStore> {
  const { PostgresTaskStore } = await import('../../stores/postgres/postgres-task-store.ts');
  for (let tries = 1; ; tries++) {
    try {
      return await PostgresTaskStore.connect(url);
    } catch (error) {
      if (tries === MOST_TRIES || !isOrchError(error, 'store-unusable')) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}

/** @returns what is to be called at each moment at which a job may say that the worker dies. */
function dying({ die }: Job, tell: Tell): (at: FaultPoint | Told['kind']) => void {
  let left = die?.pass;
  return (at) => {
    if (left === undefined || at !== die?.at || --left > 0) return;
    tell({ kind: 'dying' });
    process.kill(process.pid, 'SIGKILL');
  };
}

function orchestratorOf(job: Job, store: TaskStore, clock: Clock, tell: Tell): Orchestrator {
  const { stay, stopIn } = job;
  const lease = LEASES[isPostgres(job.store) ? 'database' : 'disk'];
  let stopped = false;
  const maybeStop = (here: Job['stopIn'], { id, lease }: Task): void => {
    if (stopped || stopIn !== here || !lease) return;
    stopped = true;
    tell({ kind: 'stopping', id, token: lease.token });
    process.kill(process.pid, 'SIGSTOP');
  };
  return new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor({
      async execute(task) {
        const { token = '', since = '' } = task.lease ?? {};
        tell({ kind: 'begun', id: task.id, token, since });
        for (let turns = task.description.length % (MOST_TURNS + 1); turns > 0; turns--) await turn();
        maybeStop('execution', task);
        return { success: true, output: outputOf(task) };
      },
    })
    .withVerifier({
      applies: isChecked,
      async verify(task, { output }) {
        await turn();
        maybeStop('verification', task);
        return { passed: output === outputOf(task), confidence: 1, feedback: '', issues: [] };
      },
    })
    .withConfig({ concurrency: 3, ...lease, stay })
    .withRuntime({ ...systemRuntime, clock })
    .on('task:lost', ({ task }) => tell({ kind: 'lost', id: task.id }))
    .build();
}

/** Each time with a store of its own, as `orch add` does it while a run works: it folds the journal when it closes. */
async function addAll({ worker, adds }: Job, open: () => Promise<TaskStore>): Promise<void> {
  let number = 0;
  let last: string | undefined;
  for (const size of adds) {
    const store = await open();
    const tasks = Array.from({ length: size }, (): NewTask => newTask(worker, ++number, last));
    last = (await store.add(tasks)).at(-1)?.id;
    await store.close();
  }
}

/** @returns whether there was any. */
async function resetCrashed(store: TaskStore): Promise<boolean> {
  const ids: string[] = [];
  for await (const { id, error } of store.list({ status: 'failed' }))
    if (error?.kind === 'crashed') ids.push(id);
  if (ids.length > 0) await store.reset({ ids });
  return ids.length > 0;
}
