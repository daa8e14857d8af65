import { isoTime } from '../../model/clock.ts';
import type { Holds, LearnedLimits } from '../../model/learned-limits.ts';
import { undated } from '../models.ts';
import { Lane } from './lane.ts';
import { Notices } from './notices.ts';
import type { ModelState } from './state.ts';
import { systemTime, type Time } from './time.ts';
import type { Admission } from './turn.ts';

export interface GovernorOptions {
  /**
   * How many runs draw on the same limits now, this one included; asked before each call, so it must not take long. Each
   * takes its part of them; beside others it sends one call until it knows them. Default: this one alone.
   */
  share?: () => number;
  time?: Time;
}

/** What the governor has to know of a call. */
export interface CallSketch {
  model: string;
  /** Characters of all that is sent. */
  characters: number;
  /** Most tokens of its answer. */
  maxTokens: number;
}

/**
 * Sends calls as fast as the API allows and no faster. It learns the limits of each model from the answers, and lets each call
 * wait until there is room for it. All that call the same API with the same key should share one: the executor and the verifier of
 * a run do.
 */
export class Governor {
  readonly #time: Time;
  readonly #share: () => number;
  readonly #notices: Notices;
  readonly #lanes = new Map<string, Lane>();
  /** Of other runs, for models that are not asked yet. */
  #heard: Holds = {};

  constructor({ share = () => 1, time = systemTime }: GovernorOptions = {}) {
    this.#time = time;
    this.#share = () => atLeastOne(share());
    this.#notices = new Notices(time);
  }

  /** Waits until a call may be sent. Never rejects; an abort ends the wait at once. */
  turn({ model, ...size }: CallSketch, signal: AbortSignal): Promise<Admission> {
    return this.#lane(undated(model)).enter(size, signal);
  }

  /** How the limits are used now, of each model that was asked for. */
  state(): ModelState[] {
    return [...this.#lanes.values()].map((lane) => lane.state());
  }

  /** What it has learned of each model's limits, for other runs that draw on them. */
  learned(): LearnedLimits {
    return Object.fromEntries([...this.#lanes].map(([model, lane]) => [model, lane.learned]));
  }

  /** `share` may answer otherwise now: more may be sent, perhaps. */
  shareChanged(): void {
    for (const lane of this.#lanes.values()) lane.look();
  }

  /** What another has learned: models of which nothing is known yet need not wait for a first answer then. */
  adopt(learned: LearnedLimits): void {
    for (const [model, lane] of this.#lanes) lane.adopt(learned[model] ?? {});
  }

  /** Until when the API has asked it to be left alone, for other runs: what it has heard of from them is not among it. */
  holds(): Holds {
    const told = [...this.#lanes].flatMap(([model, { toldUntil }]) =>
      toldUntil === undefined ? [] : [[model, isoTime(Math.ceil(toldUntil))]],
    );
    return Object.fromEntries(told);
  }

  /** What the API has asked another run for: calls of those models wait here too. */
  heed(holds: Holds): void {
    this.#heard = { ...this.#heard, ...holds };
    for (const [model, until] of Object.entries(holds)) this.#lanes.get(model)?.heed(Date.parse(until));
  }

  /** Calls the listener soon after the state changed, at most four times a second. @returns what ends that. */
  onChange(listener: () => void): () => void {
    return this.#notices.listen(listener);
  }

  #lane(model: string): Lane {
    const known = this.#lanes.get(model);
    if (known) return known;
    const lane = new Lane({
      ...{ model, time: this.#time, share: this.#share },
      changed: () => this.#notices.changed(),
    });
    this.#lanes.set(model, lane);
    const heard = this.#heard[model];
    if (heard !== undefined) lane.heed(Date.parse(heard));
    return lane;
  }
}

function atLeastOne(share: number): number {
  return share >= 1 && Number.isFinite(share) ? share : 1;
}
