import type { RunStats, StopReason } from '../model/event.ts';
import type { Executor } from '../ports/executor.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';
import type { Claim, RunCommand, RunInfo, TaskStore } from '../ports/task-store.ts';
import type { Verifier } from '../ports/verifier.ts';
import { ClaimHandler } from './claim-handler.ts';
import { type OrchestratorConfig, retryPolicy } from './config.ts';
import { RunControl } from './control.ts';
import { FailFast } from './fail-fast.ts';
import type { Hooks } from './hooks.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { RunReport } from './report.ts';
import { RunBudget } from './run-budget.ts';
import type { Runtime } from './runtime.ts';
import { SafetyNotes } from './safety-notes.ts';
import { Salvage, type UnsavedOutput } from './salvage.ts';
import { SharedTrip } from './shared-trip.ts';
import { Slots } from './slots.ts';
import { heedCommands } from './steering.ts';
import { TaskSource } from './task-source.ts';

/** Reasons to stop that whoever started the run, or steers it, has given. */
const ASKED_FOR: ReadonlyArray<StopReason['kind']> = ['stopped', 'limit', 'failed'];

/**
 * How long a run that was told to end waits for a store that was lost, in milliseconds: while it has something in hand, and when it has nothing, or
 * is to end at once.
 */
const DRAINING_MS = 60_000;
const ABORTING_MS = 3_000;

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

export type { UnsavedOutput };

/** One run, from its start to its end. */
export class Run {
  readonly control = new RunControl();
  readonly #info: RunInfo;
  readonly #parts: RunParts;
  readonly #report: RunReport;
  readonly #slots: Slots;
  readonly #source: TaskSource;
  readonly #keeper: LeaseKeeper;
  readonly #salvage: Salvage;
  readonly #handler: ClaimHandler;
  readonly #budget: RunBudget;
  readonly #notes: SafetyNotes;
  readonly #sharedTrip: SharedTrip;
  readonly #failFast: FailFast;
  readonly #over = new AbortController();
  /** Claims that are worked on. */
  #inHand = 0;
  #broken: { error: unknown } | undefined;
  /** The store failed: nothing that follows could be kept, so everything ends. */
  readonly #break = (error: unknown): void => {
    this.#broken ??= { error };
    this.control.abort();
  };

  constructor(info: RunInfo, parts: RunParts) {
    const { store, config, runtime } = parts;
    this.#info = info;
    this.#parts = parts;
    this.#report = new RunReport({
      ...parts,
      runId: info.id,
      onFailure: (id) => this.#failFast.failed(id),
      onSharedTrip: (reason) => this.#sharedTrip.tellOthers(reason),
    });
    this.#slots = new Slots(config.concurrency);
    const { leaseMs, renewMs } = config;
    this.#keeper = new LeaseKeeper({ store, runtime, leaseMs, renewMs, aborting: this.control.aborting });
    this.#salvage = new Salvage({ store, policy: retryPolicy(config), report: this.#report });
    this.#budget = new RunBudget({
      store,
      runtime,
      runId: info.id,
      control: this.control,
      maxCostUsd: config.maxCostUsd,
      maxTaskCostUsd: config.maxTaskCostUsd,
      emit: (name, payload) => this.#report.emit(name, payload),
      onPool: () => this.#notes.changed(),
      onTrip: (reason) => this.#tripped(reason),
      onError: this.#break,
    });
    this.#notes = new SafetyNotes({
      ...parts,
      runId: info.id,
      money: () => this.#budget.gauges,
      leftOut: () => this.#budget.leftOutNote,
      ended: this.#over.signal,
      onError: this.#break,
    });
    this.#sharedTrip = new SharedTrip({
      ...parts,
      runId: info.id,
      control: this.control,
      notes: this.#notes,
      onTrip: (reason) => this.#tripped(reason),
      onError: this.#break,
    });
    this.#handler = new ClaimHandler({
      ...parts,
      budget: this.#budget,
      control: this.control,
      report: this.#report,
      keeper: this.#keeper,
      salvage: this.#salvage,
    });
    this.#source = new TaskSource({
      ...parts,
      runId: info.id,
      control: this.control,
      tally: this.#report.tally,
      inHand: () => this.#inHand,
      leftOut: () => this.#budget.leftOut,
      reconsider: () => this.#budget.reconsider(),
      waitsForRoom: () => this.#budget.waitsForRoom(),
      onClock: () => void this.#notes.watchClock(),
      onTrip: (reason) => this.#tripped(reason),
      onWait: (dueAt) => this.#report.emit('run:wait', { dueAt }),
      onClosed: (error) => this.#close(error),
      onSetAside: (task) => this.#report.setAside(task),
      onError: this.#break,
    });
    this.#failFast = new FailFast({
      config,
      control: this.control,
      isWorkLeft: () => this.#source.isWorkLeft(),
    });
  }

  get stats(): RunStats {
    const { stopReason } = this.control;
    const { dueAt } = this.#source;
    return {
      ...this.#report.tally.stats(this.#parts.runtime.clock.now()),
      ...(dueAt !== undefined && { dueAt }),
      ...(stopReason && { stopReason }),
    };
  }

  get unsaved(): readonly UnsavedOutput[] {
    return this.#salvage.unsaved;
  }

  /** Does nothing when it is so already. */
  setPaused(paused: boolean): void {
    if (this.control.paused === paused) return;
    this.control.setPaused(paused);
    this.#report.emit(paused ? 'run:pause' : 'run:resume', {});
  }

  /** Rejects when the store breaks; what was in hand is in `unsaved` then. */
  async go(): Promise<RunStats> {
    const { store, config, runtime, hooks } = this.#parts;
    const others = await store.join(this.#info);
    const unsubscribe = store.changes(() => {
      this.#keeper.changed();
      this.control.bell.ring();
    });
    this.#hurryStoreAtEnd();
    const renewing = this.#keeper.run().catch(this.#break);
    const heeding = this.#heedCommands().catch(this.#break);
    this.#report.emit('run:start', { concurrency: config.concurrency, others });
    await this.#dispatch().catch(this.#break);
    await this.#source.answered();
    while (this.#inHand > 0) await this.control.bell.next();
    await this.#sayWhatIsLeft();
    if (this.#broken) await this.#salvage.save();
    await this.#sharedTrip.told;
    this.#keeper.end();
    this.control.drain();
    await Promise.all([renewing, heeding]);
    unsubscribe();
    this.#over.abort();
    await store.leave(this.#info.id, this.#stop).catch(this.#break);
    this.#report.tally.ended(runtime.clock.now());
    this.#report.emit('run:end', { stats: this.stats });
    await hooks.idle();
    if (this.#broken) throw this.#broken.error;
    return this.stats;
  }

  /** Who is told to end does not wait long for a store that was lost. */
  #hurryStoreAtEnd(): void {
    const { store } = this.#parts;
    this.control.draining.addEventListener('abort', () => {
      if (this.control.stopReason?.kind === 'stopped')
        store.hurry?.(this.#inHand > 0 ? DRAINING_MS : ABORTING_MS);
    });
    this.control.aborting.addEventListener('abort', () => store.hurry?.(ABORTING_MS));
  }

  #heedCommands(): Promise<void> {
    return heedCommands({
      ...this.#parts,
      runId: this.#info.id,
      control: this.control,
      onCommand: (command) => void this.#obey(command).catch(this.#break),
    });
  }

  /** What ended the run before its work was done, if anything did. A store that broke cannot be asked. */
  async #sayWhatIsLeft(): Promise<void> {
    if (!this.#broken) await this.#source.tripIfWorkIsLeft().catch(this.#break);
    if (!this.#broken) await this.#failFast.explain().catch(this.#break);
    if (!this.#broken) await this.#budget.tripIfLeftOut().catch(this.#break);
  }

  /** What stopped it that nobody asked for. */
  get #stop(): StopReason | undefined {
    const { stopReason } = this.control;
    return stopReason && ASKED_FOR.includes(stopReason.kind) ? undefined : stopReason;
  }

  #tripped(reason: string): void {
    this.#report.emit('safety:trip', { reason });
    this.#notes.trip(reason);
  }

  /** As if it had been told here. */
  async #obey(command: RunCommand): Promise<void> {
    if (command === 'stop')
      this.control.stop({ kind: 'stopped', message: 'it was told to stop from elsewhere' });
    else if (command === 'trip') await this.#sharedTrip.stopWithOthers();
    else this.setPaused(command === 'pause');
  }

  /** A slot first, then a task for it: so tasks are claimed only when their work can begin. */
  async #dispatch(): Promise<void> {
    for (;;) {
      const release = await this.#slots.acquire();
      if (!(await this.#source.mayClaim())) return;
      void this.#source.claim((claim) => {
        if (claim) void this.#work(claim, release);
        else release();
      });
    }
  }

  async #work(claim: Claim, release: () => void): Promise<void> {
    this.#inHand++;
    this.#notes.changed();
    try {
      await this.#handler.handle(claim, release);
      if (this.#parts.config.pauseBetweenTasks > 0) await this.#rest();
    } catch (error) {
      this.#break(error);
    }
    release();
    this.#notes.changed();
    this.#inHand--;
    this.control.bell.ring();
  }

  /** Between two tasks: after the last one there is nothing to rest for. */
  async #rest(): Promise<void> {
    const { config, runtime } = this.#parts;
    if (this.control.draining.aborted || !(await this.#source.isWorkLeft())) return;
    await runtime.sleep(config.pauseBetweenTasks, this.control.draining);
  }

  /** Nothing more is to be begun; what is under way can still be kept. */
  #close(error: unknown): void {
    this.#broken ??= { error };
    this.control.giveBack();
    this.control.drain();
  }
}
