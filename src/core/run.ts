import { isoTime } from '../model/clock.ts';
import { decide } from '../model/decide.ts';
import { isOrchError } from '../model/errors.ts';
import type { EventMap, EventName, RunStats } from '../model/event.ts';
import type { Settlement } from '../model/settlement.ts';
import type { Task } from '../model/task.ts';
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
    const unsubscribe = store.changes(() => this.control.bell.ring());
    const renewing = this.#keeper.run().catch((error: unknown) => this.#break(error));
    this.#emit('run:start', { concurrency: config.concurrency });
    await this.#dispatch().catch((error: unknown) => this.#break(error));
    await Promise.all(this.#inHand);
    if (!this.#broken) await this.#source.tripIfWorkIsLeft().catch((error: unknown) => this.#break(error));
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
    const { lease } = claim;
    const lost = this.#keeper.keep(lease);
    const runner = new AttemptRunner(
      claim,
      this.#attemptParts(AbortSignal.any([this.control.aborting, lost])),
    );
    this.#tally.started(claim.task.id);
    const attempt = claim.task.attempts + 1;
    this.#emit('task:start', { task: claim.task, attempt, resumed: runner.resumes });
    try {
      const outcome = await runner.run();
      this.#tally.spent(runner.spent);
      if (lost.aborted) return this.#lost(claim.task);
      const settlement = decide(runner.task, outcome, retryPolicy(config));
      this.#recordSafety(settlement);
      const settling = store.settle(lease, settlement);
      // The slot's next claim is under way with the settlement, so that a store can write both at once.
      if (config.pauseBetweenTasks === 0) release();
      this.#settled(await settling, attempt, settlement);
      if (config.pauseBetweenTasks > 0) await runtime.sleep(config.pauseBetweenTasks, this.control.draining);
    } catch (error) {
      if (isOrchError(error, 'lease-lost')) return this.#lost(claim.task);
      if (runner.output !== undefined) this.unsaved.push({ taskId: claim.task.id, output: runner.output });
      throw error;
    } finally {
      this.#keeper.drop(lease);
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

  #recordSafety(settlement: Settlement): void {
    if (settlement.status === 'completed') this.#parts.safety?.recordSuccess();
    if (settlement.status === 'failed') this.#parts.safety?.recordFailure(settlement.error.message);
  }

  /** Counts and reports what the store has taken. */
  #settled(task: Task, attempt: number, settlement: Settlement): void {
    const { outcome, verdict } = settlement.attempt ?? {};
    const judged = verdict && { verdict };
    if (outcome && outcome !== 'interrupted') this.#tally.attempt();
    if (settlement.status === 'completed') {
      this.#tally.completed(task.id);
      this.#emit('task:complete', { task, attempt, ...judged });
    } else if (settlement.status === 'failed') {
      this.#tally.failed(task.id);
      this.#emit('task:fail', { task, attempt, error: settlement.error, ...judged });
    } else if (outcome === 'rejected' || outcome === 'failed') {
      this.#tally.sentBack(task.id);
      this.#emit('task:retry', { task, attempt, cause: outcome, reason: settlement.reason, ...judged });
    } else {
      this.#emit('task:release', { task, reason: settlement.reason });
    }
  }

  #lost(task: Task): void {
    this.#emit('task:lost', {
      task,
      reason: 'it is no longer held by this run: cancelled, or taken over by another',
    });
  }

  /** The store failed: nothing that follows could be kept, so everything ends. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    this.control.abort();
  }

  #emit<N extends EventName>(name: N, payload: EventMap[N]): void {
    const { hooks, runtime } = this.#parts;
    hooks.emit(name, this.#info.id, isoTime(runtime.clock.now()), payload);
  }
}
