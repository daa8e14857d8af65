import { isoTime } from '../model/clock.ts';
import { decide } from '../model/decide.ts';
import { isOrchError } from '../model/errors.ts';
import type { EventMap, EventName, RunStats } from '../model/event.ts';
import type { Settlement } from '../model/settlement.ts';
import type { Lease, Task } from '../model/task.ts';
import type { Verdict } from '../model/verdict.ts';
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
import type { Runtime } from './runtime.ts';
import { Slots } from './slots.ts';
import { Tally } from './tally.ts';
import { TaskSource } from './task-source.ts';

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
  readonly #tally: Tally;
  readonly #slots: Slots;
  readonly #source: TaskSource;
  readonly #keeper: LeaseKeeper;
  readonly #executorOutage: Outage;
  readonly #verifierOutage: Outage;
  readonly #inHand = new Set<Promise<void>>();
  /** What was in hand when the store broke. */
  readonly #unkept: Array<{ lease: Lease; task: Task; output: string | undefined }> = [];
  /** By task: the attempt that is under way. */
  readonly #working = new Map<string, Promise<void>>();
  #broken: { error: unknown } | undefined;

  constructor(info: RunInfo, parts: RunParts) {
    const { store, config, runtime } = parts;
    this.#info = info;
    this.#parts = parts;
    this.#tally = new Tally(runtime.clock.now());
    this.#slots = new Slots(config.concurrency);
    this.#keeper = new LeaseKeeper(store, runtime, config);
    this.#executorOutage = new Outage(config.outageMs, runtime.clock);
    this.#verifierOutage = new Outage(config.outageMs, runtime.clock);
    this.#source = new TaskSource({
      ...parts,
      runId: info.id,
      control: this.control,
      tally: this.#tally,
      inHand: () => this.#inHand.size,
      onTrip: (reason) => this.#emit('safety:trip', { reason }),
      onSetAside: (task) => this.#failed(task),
      onError: (error) => this.#break(error),
    });
  }

  get stats(): RunStats {
    const { stopReason } = this.control;
    return { ...this.#tally.stats(this.#parts.runtime.clock.now()), ...(stopReason && { stopReason }) };
  }

  setPaused(paused: boolean): void {
    this.#emit(paused ? 'run:pause' : 'run:resume', {});
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
    this.#emit('run:start', { concurrency: config.concurrency });
    await this.#dispatch().catch((error: unknown) => this.#break(error));
    await Promise.all(this.#inHand);
    if (!this.#broken) await this.#source.tripIfWorkIsLeft().catch((error: unknown) => this.#break(error));
    if (this.#broken) await this.#save();
    this.#keeper.end();
    this.control.drain();
    await renewing;
    unsubscribe();
    await store.leave(this.#info.id).catch((error: unknown) => this.#break(error));
    this.#tally.ended(runtime.clock.now());
    this.#emit('run:end', { stats: this.stats });
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
    const { config, runtime, store } = this.#parts;
    const { lease, task } = claim;
    const lost = this.#keeper.keep(lease);
    const runner = new AttemptRunner(
      claim,
      this.#attemptParts(AbortSignal.any([this.control.aborting, lost])),
    );
    this.#tally.started(task.id);
    try {
      const outcome = await this.#inTurn(task, () => {
        this.#emit('task:start', { task, attempt: task.attempts + 1, resumed: runner.resumes });
        return runner.run();
      });
      const settlement = decide(runner.task, outcome, retryPolicy(config));
      const settling = store.settle(lease, settlement);
      // The slot's next claim is under way with the settlement, so that a store can write both at once. After a failure
      // the safety check has its say first.
      if (config.pauseBetweenTasks === 0 && settlement.status !== 'failed') release();
      const settled = await settling;
      runner.announce();
      this.#settled(settled, task.attempts + 1, settlement);
      if (config.pauseBetweenTasks > 0) await runtime.sleep(config.pauseBetweenTasks, this.control.draining);
    } catch (error) {
      if (isOrchError(error, 'lease-lost')) return await this.#lost(task);
      this.#unkept.push({ lease, task: runner.task, output: runner.output });
      throw error;
    } finally {
      this.#tally.spent(runner.spent);
      this.#keeper.drop(lease);
    }
  }

  /** A task that was cancelled and reset comes again while its old attempt is still ending: one after the other. */
  async #inTurn<T>({ id }: Task, work: () => Promise<T>): Promise<T> {
    const earlier = this.#working.get(id);
    const mine = Promise.resolve(earlier).then(work);
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#working.set(id, ended);
    try {
      return await mine;
    } finally {
      if (this.#working.get(id) === ended) this.#working.delete(id);
    }
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
      emit: (name, payload) => this.#emit(name, payload),
      stopRun: (reason) => this.control.stop(reason),
    };
  }

  /** Counts and reports what the store has taken. */
  #settled(task: Task, attempt: number, settlement: Settlement): void {
    const { outcome, verdict } = settlement.attempt ?? {};
    const judged = verdict && { verdict };
    if (outcome && outcome !== 'interrupted') this.#tally.attempt();
    if (settlement.status === 'completed') {
      this.#tally.completed(task.id);
      this.#parts.safety?.recordSuccess();
      this.#emit('task:complete', { task, attempt, ...judged });
    } else if (settlement.status === 'failed') {
      this.#failed(task, verdict);
      this.#parts.safety?.recordFailure(settlement.error.message);
    } else if (outcome === 'rejected' || outcome === 'failed') {
      this.#tally.sentBack(task.id);
      this.#emit('task:retry', { task, attempt, cause: outcome, reason: settlement.reason, ...judged });
    } else {
      this.#emit('task:release', { task, reason: settlement.reason });
    }
  }

  #failed(task: Task, verdict?: Verdict): void {
    this.#tally.failed(task.id);
    const error = task.error ?? { kind: 'failed', message: 'no reason is known' };
    this.#emit('task:fail', { task, attempt: task.attempts, error, ...(verdict && { verdict }) });
  }

  /** What this run had in hand is no longer its own: what it gave is dropped. */
  async #lost(task: Task): Promise<void> {
    const now = await this.#parts.store.get(task.id);
    if (now?.error?.kind === 'cancelled') return this.#failed(now);
    const reason = now ? 'another run has taken it over, or it was reset' : 'it was removed';
    this.#emit('task:lost', { task: now ?? task, reason });
  }

  /** The store failed: nothing that follows could be kept, so everything ends. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    this.control.abort();
  }

  /** Tries once more, since what broke the store may have passed: paid answers are kept, and nothing counts as a crash. */
  async #save(): Promise<void> {
    for (const { lease, task, output } of this.#unkept) {
      try {
        const kept = output === undefined ? task : await this.#parts.store.checkpoint(lease, { output });
        const outcome = { type: 'interrupted', reason: 'the store could not be used' } as const;
        await this.#parts.store.settle(lease, decide(kept, outcome, retryPolicy(this.#parts.config)));
      } catch (error) {
        if (output !== undefined && !isOrchError(error, 'lease-lost')) {
          this.unsaved.push({ taskId: task.id, output });
        }
      }
    }
  }

  #emit<N extends EventName>(name: N, payload: EventMap[N]): void {
    const { hooks, runtime } = this.#parts;
    hooks.emit(name, this.#info.id, isoTime(runtime.clock.now()), payload);
  }
}
