import type { ModelLimits } from '../../model/learned-limits.ts';
import type { CallSize } from './estimates.ts';
import { Gate } from './gate.ts';
import type { ModelState } from './state.ts';
import type { Time } from './time.ts';
import type { Admission, Turn } from './turn.ts';

/** Milliseconds. Of a longer hold those who wait are told, since they may want to do something about it: end the run, say. */
const LONGEST_HOLD_MS = 60_000;

interface LaneParts {
  model: string;
  time: Time;
  /** How many runs draw on the limits, this one included. */
  share(): number;
  /** Something of the state is different. */
  changed(): void;
}

interface Waiter {
  size: CallSize;
  answer(admission: Admission): void;
}

/** The calls of one model: first come, first served, each as soon as nothing stands against it. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #gate: Gate;
  readonly #waiting = new Set<Waiter>();
  #callOff: (() => void) | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#gate = new Gate(parts.time, () => parts.share());
  }

  /** Waits for a turn. An abort ends that at once and leaves nothing behind. */
  enter(size: CallSize, signal: AbortSignal): Promise<Admission> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        resolve({ failure: { kind: 'transient', message: 'the call was aborted' } });
        this.look();
      };
      const waiter: Waiter = {
        size,
        answer: (admission) => {
          this.#waiting.delete(waiter);
          signal.removeEventListener('abort', leave);
          resolve(admission);
        },
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave);
      this.#waiting.add(waiter);
      this.#gate.wanted(this.#waiting.size);
      this.look();
    });
  }

  get learned(): ModelLimits {
    return this.#gate.learned;
  }

  adopt(learned: ModelLimits): void {
    this.#gate.adopt(learned);
    this.look();
  }

  /** When what the API has asked for here is over, in milliseconds since the epoch; undefined: it has asked for nothing. */
  get toldUntil(): number | undefined {
    const ms = this.#gate.toldMs;
    return ms > 0 ? this.#parts.time.now() + ms : undefined;
  }

  /** The API has asked another run to be left alone. @param until milliseconds since the epoch. */
  heed(until: number): void {
    this.#gate.heed(until);
    this.look();
  }

  state(): ModelState {
    const state: ModelState = {
      model: this.#parts.model,
      limits: this.#gate.limits,
      inFlight: this.#gate.inFlight,
      waiting: this.#waiting.size,
    };
    const [first] = this.#waiting;
    const obstacle = first && this.#gate.obstacle(first.size);
    if (!obstacle) return state;
    const { reason: waitsFor, ms } = obstacle;
    return { ...state, waitsFor, ...(ms !== undefined && { until: this.#parts.time.now() + ms }) };
  }

  /** Lets go who may go. One timer looks again when the first of the others may. */
  look(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#gate.heldMs > LONGEST_HOLD_MS) this.#turnAway(this.#gate.heldMs);
    for (const waiter of this.#waiting) {
      const obstacle = this.#gate.obstacle(waiter.size);
      if (obstacle) {
        this.#lookAgainIn(obstacle.ms);
        break;
      }
      waiter.answer({ turn: this.#begin(waiter.size) });
    }
    this.#parts.changed();
  }

  #lookAgainIn(ms: number | undefined): void {
    if (ms === undefined) return;
    this.#callOff = this.#parts.time.after(Math.max(1, Math.ceil(ms)), () => this.look());
  }

  #turnAway(retryAfterMs: number): void {
    const message = `the API has asked to be left alone by calls of ${this.#parts.model}`;
    for (const { answer } of this.#waiting) answer({ failure: { kind: 'transient', message, retryAfterMs } });
  }

  #begin(size: CallSize): Turn {
    const call = this.#gate.begin(size);
    let hasEnded = false;
    return {
      sent: () => {
        if (hasEnded) return;
        this.#gate.sent(call);
        this.look();
      },
      answered: (status, headers) => {
        if (hasEnded) return;
        this.#gate.answered(call, status, headers);
        this.look();
      },
      end: (outcome) => {
        if (hasEnded) return;
        hasEnded = true;
        this.#gate.ended(call, outcome);
        this.look();
      },
    };
  }
}
