import { decide } from '../model/decide.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';
import type { Claim, NothingToClaim, TaskStore } from '../ports/task-store.ts';
import { type OrchestratorConfig, retryPolicy } from './config.ts';
import type { RunControl } from './control.ts';
import type { Runtime } from './runtime.ts';
import type { Tally } from './tally.ts';

/** Shortest time between two looks at a store that has nothing to give, in milliseconds. */
const SHORTEST_IDLE_MS = 100;

export interface TaskSourceParts {
  runId: string;
  store: TaskStore;
  safety: SafetyCheck | undefined;
  config: OrchestratorConfig;
  runtime: Runtime;
  control: RunControl;
  tally: Tally;
  /** Tasks that this run has in hand. */
  inHand(): number;
  onTrip(reason: string): void;
}

/** Says which task a run does next, and when there is none to come. Never busy: between two looks it waits for the bell or a time. */
export class TaskSource {
  readonly #parts: TaskSourceParts;
  #deadlineWatched = false;

  constructor(parts: TaskSourceParts) {
    this.#parts = parts;
  }

  /** The next task, as soon as there is one; undefined when the run is over. */
  async next(): Promise<Claim | undefined> {
    const { runId, store, config, control, safety } = this.#parts;
    for (;;) {
      const ring = control.bell.next();
      if (control.draining.aborted) return undefined;
      if (control.paused) {
        await ring;
      } else if (!this.#allowed()) {
        if ((await this.tripIfWorkIsLeft()) || this.#parts.inHand() === 0) return undefined;
        await ring;
      } else {
        const answer = await store.claim({ run: runId, leaseMs: config.leaseMs, only: this.#selection() });
        if (answer.task && this.#mayStart()) {
          safety?.recordAttempt();
          return answer;
        }
        if (answer.task) await this.#giveBack(answer);
        else if (this.#isOver(answer)) return this.#end();
        else await this.#idle(ring, answer);
      }
    }
  }

  /** When the safety check has tripped and tasks could still be done, that is why the run ends. */
  async tripIfWorkIsLeft(): Promise<boolean> {
    const { safety, store, control } = this.#parts;
    const reason = safety?.stopReason;
    if (reason === undefined || control.stopReason) return false;
    const { pending, blocked } = await store.counts();
    if (pending === blocked) return false;
    this.#parts.onTrip(reason);
    control.stop({ kind: 'safety', message: reason });
    return true;
  }

  /** Asked again after a claim: it may have taken long. */
  #mayStart(): boolean {
    const { control } = this.#parts;
    return !control.draining.aborted && !control.paused && this.#allowed();
  }

  async #giveBack({ task, lease }: Claim): Promise<void> {
    const outcome = { type: 'interrupted', reason: 'the run was stopped' } as const;
    await this.#parts.store.settle(lease, decide(task, outcome, retryPolicy(this.#parts.config)));
  }

  #allowed(): boolean {
    const { safety } = this.#parts;
    if (!safety) return true;
    const allowed = safety.allowContinue();
    if (safety.deadline !== undefined && !this.#deadlineWatched) {
      this.#deadlineWatched = true;
      void this.#watchDeadline(safety, safety.deadline);
    }
    return allowed;
  }

  /** Ends waits, too, when a limit on time is reached: they may be longer than what is left. */
  async #watchDeadline(safety: SafetyCheck, deadline: number): Promise<void> {
    const { runtime, control } = this.#parts;
    await runtime.sleep(deadline - runtime.clock.now(), control.draining);
    if (!control.draining.aborted && !safety.allowContinue()) control.drain();
  }

  get #limitReached(): boolean {
    const { config, tally } = this.#parts;
    return config.limit !== undefined && tally.processed >= config.limit;
  }

  #selection(): ReadonlySet<string> | undefined {
    const { config, tally } = this.#parts;
    return this.#limitReached ? tally.openTasks() : config.only;
  }

  #isOver(answer: NothingToClaim): boolean {
    const { config, inHand } = this.#parts;
    if (inHand() > 0) return false;
    return this.#limitReached || (!config.stay && answer.heldByOthers === 0);
  }

  #end(): undefined {
    const { control, tally } = this.#parts;
    const message = `it started ${tally.processed} tasks, as many as it was told to`;
    if (this.#limitReached) control.stop({ kind: 'limit', message });
  }

  async #idle(ring: Promise<void>, answer: NothingToClaim): Promise<void> {
    const { config, runtime } = this.#parts;
    const times = [answer.leaseEndsAt, config.stay ? answer.dueAt : undefined];
    const next = Math.min(...times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)])));
    if (next === Infinity) return ring;
    const woken = new AbortController();
    const timer = runtime.sleep(Math.max(next - runtime.clock.now(), SHORTEST_IDLE_MS), woken.signal);
    await Promise.race([ring, timer]);
    woken.abort();
  }
}
