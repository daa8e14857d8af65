import type { ModelLimits } from '../../model/learned-limits.ts';
import { type Amounts, type CallSize, Estimates, takenBy } from './estimates.ts';
import { Hold } from './hold.ts';
import { readLimits } from './limit-headers.ts';
import { LIMIT_WORDS, type LimitName } from './limit-names.ts';
import { Limits, type Marks } from './limits.ts';
import { Pace } from './pace.ts';
import { Refusals } from './refusals.ts';
import type { LimitState, WaitReason } from './state.ts';
import { elapsed, type Time } from './time.ts';
import { troubleOf } from './trouble.ts';
import type { CallOutcome } from './turn.ts';
import { Window } from './window.ts';

/** Calls that are sent before anything is known; several, since the API would stand idle until a single one is answered. */
const BLIND = 8;

/** And where other runs are there already, which have sent theirs, or use what there is: their bucket may hold no more than 10. */
const BLIND_BESIDE_OTHERS = 1;

/** What stands against the next call. */
interface Obstacle {
  reason: WaitReason;
  /** Milliseconds until it is worth looking again; absent: until a call under way is answered. */
  ms?: number;
}

/** A call that has its turn. */
interface Call {
  size: CallSize;
  /** What it is expected to take. */
  amounts: Amounts;
  /** Absent until it is sent. */
  sent?: { at: number; marks: Marks };
  /** Of its answer, once that has begun. */
  status?: number;
  isSettled?: boolean;
}

/** What a refused call takes. */
const NOTHING: Amounts = { requests: 0, inputTokens: 0, outputTokens: 0 };

/** What is known of the API's readiness for calls of one model, and so whether the next one may be sent. */
export class Gate {
  readonly #time: Time;
  readonly #now: () => number;
  readonly #runs: () => number;
  readonly #limits: Limits;
  readonly #estimates = new Estimates();
  readonly #window = new Window();
  readonly #pace = new Pace();
  readonly #hold = new Hold();
  readonly #refusals = new Refusals();
  /** Nothing has been answered yet that says how much may be sent. */
  #isBlind = true;
  #inFlight = 0;

  /** @param runs how many runs draw on the limits, this one included. */
  constructor(time: Time, runs: () => number) {
    this.#time = time;
    this.#now = elapsed(time);
    this.#runs = runs;
    this.#limits = new Limits(runs);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How the limits that are known are used. */
  get limits(): Partial<Record<LimitName, LimitState>> {
    return this.#limits.state(this.#now());
  }

  /** What others may be told of the limits. */
  get learned(): ModelLimits {
    return this.#limits.learned;
  }

  /** Milliseconds for which the API has asked to be left alone. */
  get heldMs(): number {
    return this.#hold.left(this.#now());
  }

  /** The same, as far as it has asked for it here. */
  get toldMs(): number {
    return this.#hold.toldLeft(this.#now());
  }

  /** It has asked another run. @param until milliseconds since the epoch. */
  heed(until: number): void {
    this.#hold.hear(until - this.#time.now(), this.#now());
  }

  /** So many calls wait. */
  wanted(waiting: number): void {
    this.#window.wanted(this.#inFlight + waiting);
  }

  obstacle(size: CallSize): Obstacle | undefined {
    const now = this.#now();
    const held = this.#hold.left(now);
    if (held > 0) return { reason: 'retry-after', ms: held };
    if (this.#inFlight >= this.#window.size) return { reason: 'overload' };
    const blind = this.#runs() > 1 ? BLIND_BESIDE_OTHERS : BLIND;
    if (this.#isBlind && this.#inFlight >= blind) return { reason: 'first answer' };
    const paused = this.#pace.wait(now);
    const shortage = this.#limits.shortage(this.#estimates.expected(size), now);
    if (shortage && shortage.ms > paused) return { reason: LIMIT_WORDS[shortage.limit], ms: shortage.ms };
    return paused > 0 ? { reason: 'requests', ms: paused } : undefined;
  }

  /** Of another run, which spares this one the wait for a first answer. */
  adopt(learned: ModelLimits): void {
    if (!this.#isBlind) return;
    this.#limits.adopt(learned, this.#now());
    this.#isBlind = !this.#limits.known;
  }

  begin(size: CallSize): Call {
    const amounts = this.#estimates.expected(size);
    this.#inFlight += 1;
    this.#pace.sent(this.#now());
    this.#limits.reserve(amounts);
    return { size, amounts };
  }

  sent(call: Call): void {
    const at = this.#now();
    call.sent ??= { at, marks: this.#limits.take(call.amounts, at) };
  }

  answered(call: Call, status: number, headers: Headers): void {
    if (!call.sent) return;
    const now = this.#now();
    call.status = status;
    const news = readLimits(headers);
    // A 529 tells of everybody's load: what it asks for concerns its own task, and the window the rest.
    if (status >= 400 && status !== 529) this.#hold.tell(headers, now, this.#time.now());
    const isRefused = status === 429;
    if (isRefused) this.#settle(call, NOTHING);
    this.#limits.learn(news, call.sent.marks, now);
    if (isRefused) {
      this.#limits.refused(news, call.amounts);
      if (this.#refusals.refused(call.sent.at, now)) this.#pace.slowDown(now);
    } else {
      this.#refusals.passed();
    }
    // A good answer without a limit is of a server that has no such one; a failure without it says nothing.
    if (status < 300) this.#limits.confirmedBy(news);
    if (this.#limits.known || status < 300) this.#isBlind = false;
  }

  ended(call: Call, { usage, error }: CallOutcome): void {
    this.#inFlight -= 1;
    if (usage) this.#estimates.learn(call.size, usage);
    if (!call.sent) this.#limits.release(call.amounts);
    else this.#settle(call, usage ? takenBy(usage) : withoutUsage(call));
    this.#heed(error, call);
  }

  #heed(error: unknown, { status = 0 }: Call): void {
    const trouble = error === undefined ? undefined : troubleOf(error);
    if (trouble === 'overload') this.#window.overloaded();
    else if (error === undefined && status < 300 && status >= 200) this.#window.good();
    if (trouble === 'ramp') this.#pace.slowDown(this.#now());
  }

  #settle(call: Call, actual: Amounts): void {
    if (!call.isSettled) this.#limits.settle(call.amounts, actual);
    call.isSettled = true;
  }
}

/** A call that failed on arrival has produced nothing. Of one whose answer did not come, nobody knows. */
function withoutUsage({ amounts, status = 0 }: Call): Amounts {
  return status >= 400 ? { ...amounts, outputTokens: 0 } : amounts;
}
