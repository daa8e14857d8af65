import { decide } from '../model/decide.ts';
import { isOrchError } from '../model/errors.ts';
import type { Task } from '../model/task.ts';
import type { SafetyCheck } from '../ports/safety-check.ts';
import type { Claim, ClaimAnswer, NothingToClaim, TaskStore } from '../ports/task-store.ts';
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
  /** A task was found crashed for the third time, and is failed now. */
  onSetAside(task: Task): void;
  onError(error: unknown): void;
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
    const { control, safety, inHand } = this.#parts;
    for (;;) {
      const ring = control.bell.next();
      if (control.draining.aborted) return undefined;
      if (control.paused) {
        await ring;
      } else if (!this.#allowed()) {
        if ((await this.tripIfWorkIsLeft()) || inHand() === 0) return undefined;
        await ring;
      } else {
        const answer = await this.#claim(this.#selection());
        if (answer.task && this.#mayStart()) {
          safety?.recordAttempt?.();
          return answer;
        }
        if (answer.task) await this.#giveBack(answer);
        else if (this.#isOver(answer)) return await this.#end();
        else await this.#idle(ring, answer);
      }
    }
  }

  /** When the safety check has tripped and a task could still be done, that is why the run ends. */
  async tripIfWorkIsLeft(): Promise<boolean> {
    const { safety, control } = this.#parts;
    const reason = safety?.stopReason;
    if (reason === undefined || control.stopReason?.kind === 'safety') return false;
    // One that stays is never done by itself: the check has stopped it.
    if (!this.#parts.config.stay && !(await this.isWorkLeft())) return false;
    this.#parts.onTrip(reason);
    control.stop({ kind: 'safety', message: reason });
    return true;
  }

  async #claim(only: ReadonlySet<string> | undefined): Promise<ClaimAnswer> {
    const { runId, store, config, onSetAside } = this.#parts;
    const answer = await store.claim({ run: runId, leaseMs: config.leaseMs, only });
    for (const task of answer.setAside ?? []) onSetAside(task);
    return answer;
  }

  /** Asks the one who knows: what can be claimed is left. */
  async isWorkLeft(): Promise<boolean> {
    return this.#canClaim(this.#selection());
  }

  async #canClaim(only: ReadonlySet<string> | undefined): Promise<boolean> {
    const answer = await this.#claim(only);
    if (answer.task) await this.#giveBack(answer);
    return answer.task !== undefined;
  }

  /** Asked again after a claim: it may have taken long. */
  #mayStart(): boolean {
    const { control } = this.#parts;
    return !control.draining.aborted && !control.paused && this.#allowed();
  }

  async #giveBack({ task, lease }: Claim): Promise<void> {
    const outcome = { type: 'interrupted', reason: 'the run was stopped' } as const;
    const settlement = decide(task, outcome, retryPolicy(this.#parts.config));
    await this.#parts.store.settle(lease, settlement).catch((error: unknown) => {
      // Somebody cancelled it in between: there is nothing to give back.
      if (!isOrchError(error, 'lease-lost')) throw error;
    });
  }

  #allowed(): boolean {
    const { safety } = this.#parts;
    if (!safety) return true;
    const allowed = safety.allowContinue();
    if (safety.deadline !== undefined && !this.#deadlineWatched) {
      this.#deadlineWatched = true;
      this.#watchDeadline(safety, safety.deadline).catch(this.#parts.onError);
    }
    return allowed;
  }

  /** Ends waits, too, when a limit on time is reached: they may be longer than what is left. */
  async #watchDeadline(safety: SafetyCheck, deadline: number): Promise<void> {
    const { runtime, control } = this.#parts;
    // A timer may fire early, a clock may be set back: what counts is what the check says.
    while (!control.draining.aborted && safety.allowContinue()) {
      await runtime.sleep(Math.max(deadline - runtime.clock.now(), 1), control.draining);
    }
    if (control.draining.aborted) return;
    await this.tripIfWorkIsLeft();
    control.drain();
  }

  get #limitReached(): boolean {
    const { config, tally } = this.#parts;
    return config.limit !== undefined && tally.started >= config.limit;
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

  async #end(): Promise<undefined> {
    const { config, control, tally } = this.#parts;
    if (!this.#limitReached || !(await this.#canClaim(config.only))) return;
    const tasks = tally.started === 1 ? '1 task' : `${tally.started} tasks`;
    control.stop({ kind: 'limit', message: `it started ${tasks}, as many as it was told to` });
  }

  async #idle(ring: Promise<void>, { leaseEndsAt, dueAt }: NothingToClaim): Promise<void> {
    const { runtime } = this.#parts;
    const times = [leaseEndsAt, dueAt].flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
    if (times.length === 0) return ring;
    const woken = new AbortController();
    const wait = Math.max(Math.min(...times) - runtime.clock.now(), SHORTEST_IDLE_MS);
    await Promise.race([ring, runtime.sleep(wait, woken.signal)]);
    woken.abort();
  }
}
