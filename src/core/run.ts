import { decide } from '../model/decide.ts';
import { isOrchError } from '../model/errors.ts';
import type { RunStats } from '../model/event.ts';
import type { Settlement } from '../model/settlement.ts';
import type { Lease } from '../model/task.ts';
import type { Executor } from '../ports/executor.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';
import type { Claim, RunInfo, TaskStore } from '../ports/task-store.ts';
import type { Verifier } from '../ports/verifier.ts';
import { type AttemptParts, AttemptRunner } from './attempt.ts';
import { DEFAULT_BACKOFF } from './backoff.ts';
import { type OrchestratorConfig, retryPolicy } from './config.ts';
import { RunControl } from './control.ts';
import type { Hooks } from './hooks.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { Outage } from './outage.ts';
import { RunReport } from './report.ts';
import type { Runtime } from './runtime.ts';
import { Slots } from './slots.ts';
import { TaskSource } from './task-source.ts';
import { Turns } from './turns.ts';

/** What a run is made of. */
export interface RunParts {
  store: TaskStore;
  executor: Executor;
  verifier: Verifier | undefined;
  safety: SafetyCheck | undefined;
  config: OrchestratorConfig;
  runtime: Runtime;
  hooks: Hooks;
}

/** An output that is paid for, but that the store could not take. */
export interface UnsavedOutput {
  taskId: string;
  output: string;
}

/** One run, from its start to its end. */
export class Run {
  readonly control = new RunControl();
  readonly unsaved: UnsavedOutput[] = [];
  readonly #info: RunInfo;
  readonly #parts: RunParts;
  readonly #report: RunReport;
  readonly #slots: Slots;
  readonly #source: TaskSource;
  readonly #keeper: LeaseKeeper;
  readonly #executorOutage: Outage;
  readonly #verifierOutage: Outage;
  readonly #inHand = new Set<Promise<void>>();
  /** What was in hand when the store broke. */
  readonly #unkept: Array<{ lease: Lease; runner: AttemptRunner; settlement: Settlement | undefined }> = [];
  readonly #turns = new Turns();
  #broken: { error: unknown } | undefined;

  constructor(info: RunInfo, parts: RunParts) {
    const { store, config, runtime } = parts;
    this.#info = info;
    this.#parts = parts;
    this.#report = new RunReport({ ...parts, runId: info.id });
    this.#slots = new Slots(config.concurrency);
    this.#keeper = new LeaseKeeper(store, runtime, config);
    this.#executorOutage = new Outage(config.outageMs, runtime.clock);
    this.#verifierOutage = new Outage(config.outageMs, runtime.clock);
    this.#source = new TaskSource({
      ...parts,
      runId: info.id,
      control: this.control,
      tally: this.#report.tally,
      inHand: () => this.#inHand.size,
      onTrip: (reason) => this.#report.emit('safety:trip', { reason }),
      onSetAside: (task) => this.#report.setAside(task),
      onError: (error) => this.#break(error),
    });
  }

  get stats(): RunStats {
    const { stopReason } = this.control;
    return {
      ...this.#report.tally.stats(this.#parts.runtime.clock.now()),
      ...(stopReason && { stopReason }),
    };
  }

  setPaused(paused: boolean): void {
    this.#report.emit(paused ? 'run:pause' : 'run:resume', {});
    this.control.setPaused(paused);
  }

  /** Rejects when the store breaks; what was in hand is in `unsaved` then. */
  async go(): Promise<RunStats> {
    const { store, config, runtime, hooks } = this.#parts;
    await store.join(this.#info);
    const unsubscribe = store.changes(() => {
      this.#keeper.changed();
      this.control.bell.ring();
    });
    const renewing = this.#keeper.run().catch((error: unknown) => this.#break(error));
    this.#report.emit('run:start', { concurrency: config.concurrency });
    await this.#dispatch().catch((error: unknown) => this.#break(error));
    await Promise.all(this.#inHand);
    if (!this.#broken) await this.#source.tripIfWorkIsLeft().catch((error: unknown) => this.#break(error));
    if (this.#broken) await this.#save();
    this.#keeper.end();
    this.control.drain();
    await renewing;
    unsubscribe();
    await store.leave(this.#info.id).catch((error: unknown) => this.#break(error));
    this.#report.tally.ended(runtime.clock.now());
    this.#report.emit('run:end', { stats: this.stats });
    await hooks.idle();
    if (this.#broken) throw this.#broken.error;
    return this.stats;
  }

  /** A slot first, then a task for it: so tasks are claimed only when their work can begin. */
  async #dispatch(): Promise<void> {
    for (;;) {
      const release = await this.#slots.acquire();
      const claim = await this.#source.next();
      if (!claim) return;
      const work = this.#work(claim, release)
        .catch((error: unknown) => this.#break(error))
        .finally(() => {
          release();
          this.#inHand.delete(work);
          this.control.bell.ring();
        });
      this.#inHand.add(work);
    }
  }

  async #work(claim: Claim, release: () => void): Promise<void> {
    const { config, store } = this.#parts;
    const { lease, task } = claim;
    const lost = this.#keeper.keep(lease);
    const runner = new AttemptRunner(
      claim,
      this.#attemptParts(AbortSignal.any([this.control.aborting, lost])),
    );
    this.#report.tally.start(task.id);
    let settlement: Settlement | undefined;
    try {
      // One that was cancelled and reset comes again while its old attempt is still ending.
      const outcome = await this.#turns.take(task.id, () => {
        this.#report.emit('task:start', { task, attempt: task.attempts + 1, resumed: runner.resumes });
        return runner.run();
      });
      settlement = decide(runner.task, outcome, retryPolicy(config));
      const settling = store.settle(lease, settlement);
      // The slot's next claim is under way with the settlement, so that a store can write both at once. After a failure
      // the safety check has its say first.
      if (config.pauseBetweenTasks === 0 && settlement.status !== 'failed') release();
      const settled = await settling;
      runner.announce();
      this.#report.settled(settled, task.attempts + 1, settlement);
      if (config.pauseBetweenTasks > 0) await this.#rest();
    } catch (error) {
      if (isOrchError(error, 'lease-lost')) {
        this.#report.lost(task, await store.get(task.id));
        return;
      }
      this.#unkept.push({ lease, runner, settlement });
      throw error;
    } finally {
      this.#report.tally.spent(runner.spent);
      this.#keeper.drop(lease);
    }
  }

  /** Between two tasks: after the last one there is nothing to rest for. */
  async #rest(): Promise<void> {
    const { config, runtime } = this.#parts;
    if (this.control.draining.aborted || !(await this.#source.isWorkLeft())) return;
    await runtime.sleep(config.pauseBetweenTasks, this.control.draining);
  }

  #attemptParts(aborting: AbortSignal): AttemptParts {
    const { store, executor, verifier, config, runtime } = this.#parts;
    return {
      store,
      executor,
      verifier: config.verifyResults ? verifier : undefined,
      runtime,
      backoff: DEFAULT_BACKOFF,
      executorOutage: this.#executorOutage,
      verifierOutage: this.#verifierOutage,
      stay: config.stay,
      draining: this.control.draining,
      aborting,
      emit: (name, payload) => this.#report.emit(name, payload),
      stopRun: (reason) => this.control.stop(reason),
    };
  }

  /** The store failed: nothing that follows could be kept, so everything ends. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    this.control.abort();
  }

  /** Tries once more, since what broke the store may have passed: paid answers are kept, and nothing counts as a crash. */
  async #save(): Promise<void> {
    // All at once: where the store is still held up, they share one wait.
    await Promise.all(
      this.#unkept.map(async ({ lease, runner, settlement }) => {
        const { checkpoint, task } = runner;
        try {
          await this.#saveOne(lease, runner, settlement);
        } catch (error) {
          if (!checkpoint || isOrchError(error, 'lease-lost')) return;
          this.unsaved.push({ taskId: task.id, output: checkpoint.output });
        }
      }),
    );
  }

  /** As it was decided; where nothing was decided yet, the output is kept, and the task goes back. */
  async #saveOne(lease: Lease, runner: AttemptRunner, settlement: Settlement | undefined): Promise<void> {
    const { store, config } = this.#parts;
    if (settlement) {
      const settled = await store.settle(lease, settlement);
      runner.announce();
      this.#report.settled(settled, runner.task.attempts + 1, settlement);
      return;
    }
    const { checkpoint, task } = runner;
    const kept = checkpoint ? await store.checkpoint(lease, checkpoint) : task;
    const outcome = { type: 'interrupted', reason: 'the store could not be used' } as const;
    await store.settle(lease, decide(kept, outcome, retryPolicy(config)));
  }
}
