import { isoTime } from '../model/clock.ts';
import type { EventMap, EventName } from '../model/event.ts';
import type { Settlement } from '../model/settlement.ts';
import { isCounted, type Task } from '../model/task.ts';
import type { Verdict } from '../model/verdict.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';
import type { Hooks } from './hooks.ts';
import type { Runtime } from './runtime.ts';
import { Tally } from './tally.ts';

interface RunReportParts {
  runId: string;
  hooks: Hooks;
  runtime: Runtime;
  safety: SafetyCheck | undefined;
  /** The safety check tripped, and other runs are to stop with this one. */
  onSharedTrip(reason: string): void;
  /** A task ended failed that nobody cancelled. */
  onFailure(id: string): void;
}

/** Says what happened, once the store has taken it: to the hooks, to the statistics, and to the safety check. */
export class RunReport {
  readonly tally: Tally;
  readonly #parts: RunReportParts;

  constructor(parts: RunReportParts) {
    this.#parts = parts;
    this.tally = new Tally(parts.runtime.clock.now());
  }

  emit<N extends EventName>(name: N, payload: EventMap[N]): void {
    const { runId, hooks, runtime } = this.#parts;
    if (hooks.hears(name)) hooks.emit(name, runId, isoTime(runtime.clock.now()), payload);
  }

  settled(task: Task, attempt: number, settlement: Settlement): void {
    const { outcome, verdict } = settlement.attempt ?? {};
    const judged = verdict && { verdict };
    if (isCounted(outcome)) this.tally.attempt();
    if (settlement.status === 'completed') {
      this.tally.completed(task.id);
      this.#parts.safety?.recordSuccess();
      this.emit('task:complete', { task, attempt, ...judged });
    } else if (settlement.status === 'failed') {
      this.failed(task, verdict);
      this.#failure(task.id, settlement.error.message);
    } else if (outcome === 'rejected' || outcome === 'failed') {
      this.tally.sentBack(task.id);
      this.emit('task:retry', { task, attempt, cause: outcome, reason: settlement.reason, ...judged });
    } else {
      this.emit('task:release', { task, reason: settlement.reason });
    }
  }

  /** A task goes back without any of its work begun, for want of money: it does not count as started. */
  leftOut(id: string): void {
    this.tally.takeBackStart(id);
    this.#parts.safety?.takeBackAttempt?.();
  }

  /** Runners died with it, and this run found that out. */
  setAside(task: Task): void {
    this.failed(task);
    this.#failure(task.id, task.error?.message ?? 'crashed');
  }

  #failure(id: string, reason: string): void {
    const { safety } = this.#parts;
    const isFirst = safety?.stopReason === undefined;
    safety?.recordFailure(reason);
    if (isFirst && safety?.stopReason !== undefined && safety.isShared)
      this.#parts.onSharedTrip(safety.stopReason);
    this.#parts.onFailure(id);
  }

  failed(task: Task, verdict?: Verdict): void {
    this.tally.failed(task.id);
    const error = task.error ?? { kind: 'failed', message: 'no reason is known' };
    this.emit('task:fail', { task, attempt: task.attempts, error, ...(verdict && { verdict }) });
  }

  /** What a run had in hand is no longer its own; `now`: how the store has it, undefined when it is gone. */
  lost(task: Task, now: Task | undefined): void {
    if (now?.error?.kind === 'cancelled') {
      this.failed(now);
    } else {
      const reason = now ? 'another run has taken it over, or it was reset' : 'it was removed';
      this.emit('task:lost', { task: now ?? task, reason });
    }
  }
}
