import type { SafetyCheck } from '../ports/safety-check.ts';
import type { Claim, NothingToClaim } from '../ports/task-store.ts';
import { Bell } from './bell.ts';
import { Claims, type ClaimsParts } from './claims.ts';
import type { RunControl } from './control.ts';
import { LOOK_MS } from './money-waits.ts';
import type { Runtime } from './runtime.ts';
import { SafetyWatch } from './safety-watch.ts';
import type { Tally } from './tally.ts';

/** Shortest time between two looks at a store that has nothing to give, in milliseconds. */
const SHORTEST_IDLE_MS = 100;

interface TaskSourceParts extends ClaimsParts {
  safety: SafetyCheck | undefined;
  runtime: Runtime;
  control: RunControl;
  tally: Tally;
  /** Tasks that this run has in hand. */
  inHand(): number;
  /** Whether tasks that are left out wait for room in the budget that another run may give. */
  waitsForRoom(): Promise<boolean>;
  /** The safety check has a deadline. Called once. */
  onClock(): void;
  onTrip(reason: string): void;
  /** Nothing is left but what is due later, and it waits for that. */
  onWait(dueAt: string): void;
  /** The store gives nothing any more. */
  onClosed(error: unknown): void;
  onError(error: unknown): void;
}

interface Nothing {
  answer: NothingToClaim;
  /** The first ring after the store was asked. */
  ring: Promise<void>;
  /** When it was asked, this run had nothing in hand that could come back. */
  final: boolean;
}

/**
 * Says when a run may claim a task for a free slot, claims it, and says when there is none to come. Claims for several slots go
 * to the store together. Never busy: once the store had none, it waits for the bell or a time before it looks again.
 */
export class TaskSource {
  readonly #parts: TaskSourceParts;
  readonly #claims: Claims;
  readonly #watch: SafetyWatch;
  /** Claims that are not answered yet. */
  #claiming = 0;
  readonly #answered = new Bell();
  /** Claims that may be under way at once: one more for each task found, and a single one after the store had none. */
  #claimsAtOnce = 1;
  /** The store had none, and was not looked at again since. */
  #nothing: Nothing | undefined;
  #dueAt: string | undefined;
  /** What was told to `onWait` last. */
  #waitsUntil: string | undefined;

  constructor(parts: TaskSourceParts) {
    this.#parts = parts;
    this.#claims = new Claims(parts);
    this.#watch = new SafetyWatch({ ...parts, onDeadline: () => this.tripIfWorkIsLeft() });
  }

  /** When the first task is due that was not waited for; undefined while the run goes on. ISO 8601. */
  get dueAt(): string | undefined {
    return this.#dueAt;
  }

  /** Resolves with true as soon as one more claim may be made; with false when the run is over. For one caller. */
  async mayClaim(): Promise<boolean> {
    const { control, inHand } = this.#parts;
    for (;;) {
      const ring = control.bell.next();
      if (control.draining.aborted) return false;
      if (control.paused) {
        await ring;
      } else if (!this.#watch.allows()) {
        if (this.#claiming === 0 && ((await this.tripIfWorkIsLeft()) || inHand() === 0)) return false;
        await Promise.race([ring, this.#answered.next()]);
      } else if (this.#claiming >= this.#mostClaims()) {
        await Promise.race([ring, this.#answered.next()]);
      } else if (!this.#nothing) {
        return true;
      } else if (!(await this.#mayLookAgain(this.#nothing))) {
        return false;
      }
    }
  }

  /** Claims a task and hands it over; undefined: there is none that may be started. What goes wrong is told to `onError`. */
  async claim(handOver: (claim: Claim | undefined) => void): Promise<void> {
    const { control, safety, tally, inHand, onClosed, onError } = this.#parts;
    const ring = control.bell.next();
    const final = inHand() === 0 && this.#claiming === 0;
    let begun: Claim | undefined;
    this.#claiming++;
    try {
      const answer = await this.#claims.take(this.#selection());
      this.#nothing = answer.task ? undefined : { answer, ring, final };
      if (!answer.task && answer.closed) onClosed(answer.closed);
      this.#claimsAtOnce = answer.task ? this.#claimsAtOnce + 1 : 1;
      if (answer.task && this.#mayStart()) {
        safety?.recordAttempt?.();
        tally.start(answer.task.id);
        begun = answer;
      } else if (answer.task) await this.#claims.giveBack(answer);
    } catch (error) {
      onError(error);
    }
    this.#claiming--;
    handOver(begun);
    this.#answered.ring();
  }

  /** Resolves when no claim is under way. */
  async answered(): Promise<void> {
    while (this.#claiming > 0) await this.#answered.next();
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

  /** Whether a task could be claimed now. */
  isWorkLeft(): Promise<boolean> {
    return this.#claims.anyLeft(this.#selection());
  }

  /** The store had none. @returns true once it is worth another look; false when the run is over. */
  async #mayLookAgain({ answer, ring, final }: Nothing): Promise<boolean> {
    const hasEndedSince = this.#parts.inHand() === 0 && !final;
    if (!hasEndedSince) {
      if (this.#isOver(answer) && !(await this.#waitsForRoom())) {
        this.#dueAt = answer.dueAt;
        await this.#end();
        return false;
      }
      await this.#idle(ring, answer);
    }
    this.#nothing = undefined;
    return true;
  }

  /** Asked again after a claim: it may have taken long. */
  #mayStart(): boolean {
    const { control } = this.#parts;
    return !control.draining.aborted && !control.paused && this.#watch.allows();
  }

  #mostClaims(): number {
    const { config, tally } = this.#parts;
    if (config.limit === undefined || this.#limitReached) return this.#claimsAtOnce;
    return Math.min(this.#claimsAtOnce, config.limit - tally.started);
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
    if (this.#limitReached) return true;
    return !config.stay && answer.heldByOthers === 0 && !this.#isWaitedFor(answer.dueAt);
  }

  #isWaitedFor(dueAt: string | undefined): boolean {
    const { untilDue } = this.#parts.config;
    return untilDue !== undefined && dueAt !== undefined && Date.parse(dueAt) <= untilDue;
  }

  async #waitsForRoom(): Promise<boolean> {
    return !this.#limitReached && (await this.#parts.waitsForRoom());
  }

  /** Why, where it was told to start no more than so many tasks and there are others. */
  async #end(): Promise<void> {
    const { config, control, tally } = this.#parts;
    if (!this.#limitReached || !(await this.#claims.anyLeft(config.only))) return;
    const tasks = tally.started === 1 ? '1 task' : `${tally.started} tasks`;
    control.stop({ kind: 'limit', message: `it started ${tasks}, as many as it was told to` });
  }

  async #idle(ring: Promise<void>, { leaseEndsAt, dueAt }: NothingToClaim): Promise<void> {
    const { runtime, inHand, leftOut, onWait } = this.#parts;
    if (inHand() === 0 && dueAt !== undefined && dueAt !== this.#waitsUntil && this.#isWaitedFor(dueAt)) {
      this.#waitsUntil = dueAt;
      onWait(dueAt);
    }
    const times = [leaseEndsAt, dueAt].flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
    if (leftOut().size > 0) {
      await this.#waitsForRoom();
      times.push(runtime.clock.now() + LOOK_MS);
    }
    if (times.length === 0) return ring;
    const woken = new AbortController();
    const wait = Math.max(Math.min(...times) - runtime.clock.now(), SHORTEST_IDLE_MS);
    await Promise.race([ring, runtime.sleep(wait, woken.signal)]);
    woken.abort();
  }
}
