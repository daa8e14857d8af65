import { setImmediate } from 'node:timers/promises';
import { isOrchError } from '../../../model/errors.ts';
import type { ClaimAnswer, ClaimRequest, LiveRun } from '../../../ports/task-store.ts';
import type { TableOperations } from '../../table-operations.ts';
import type { Word } from '../telling/message.ts';
import type { Needs } from './needs.ts';
import type { Turns } from './turns.ts';

/** A change of tasks, or of what is kept beside them. */
export interface Change<T = unknown> {
  needs: Needs;
  /** @param runs those that live, where `needs` names money; otherwise none. */
  apply(operations: TableOperations, runs: readonly LiveRun[]): T;
  /** What others are to be told of it, beside what follows from the tasks. */
  tells?(value: T): Word | undefined;
  /** It brings something new, so that it is refused where a newer orch has been; what is in hand may be brought home. */
  isNew?: boolean;
}

export type Outcome<T = unknown> = { value: T } | { error: unknown };

/** What is done together in one transaction: changes first, so that a claim sees what they free. */
export interface Batch {
  changes: readonly Change[];
  claims: readonly ClaimRequest[];
}

export interface BatchOutcome {
  changes: Outcome[];
  claims: Outcome<ClaimAnswer>[];
}

interface Waiting<T> {
  what: T;
  end(outcome: Outcome): void;
}

/** More than that in one transaction would keep others waiting. */
const MOST = 256;

/** Collects what is asked for while a transaction is under way, and does it all in the next one. */
export class Cycle {
  readonly #turns: Turns;
  readonly #commit: (batch: Batch) => Promise<BatchOutcome>;
  #changes: Waiting<Change>[] = [];
  #claims: Waiting<ClaimRequest>[] = [];
  #isAsked = false;

  /** @param commit does a batch, whole or not at all. */
  constructor(turns: Turns, commit: (batch: Batch) => Promise<BatchOutcome>) {
    this.#turns = turns;
    this.#commit = commit;
  }

  change<T>(change: Change<T>): Promise<T> {
    return this.#wait(this.#changes, change) as Promise<T>;
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#wait(this.#claims, request) as Promise<ClaimAnswer>;
  }

  #wait<T>(queue: Waiting<T>[], what: T): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    queue.push({
      what,
      end: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value)),
    });
    this.#ask();
    return promise;
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    void this.#turns.take(() => this.#next());
  }

  async #next(): Promise<void> {
    // Whoever settles a task claims the next one in the same turn, or nearly.
    await setImmediate();
    this.#isAsked = false;
    const changes = this.#changes.splice(0, MOST);
    const claims = this.#claims.splice(0, MOST);
    if (this.#changes.length + this.#claims.length > 0) this.#ask();
    await this.#do(changes, claims);
  }

  async #do(changes: Waiting<Change>[], claims: Waiting<ClaimRequest>[]): Promise<void> {
    try {
      const done = await this.#commit({
        changes: changes.map(({ what }) => what),
        claims: claims.map(({ what }) => what),
      });
      for (const [i, { end }] of changes.entries()) end(done.changes[i] as Outcome);
      for (const [i, { end }] of claims.entries()) end(done.claims[i] as Outcome);
    } catch (error) {
      const all = [...changes, ...claims];
      const isSmallest = changes.length === 0 || all.length === 1;
      if (isSmallest || isOrchError(error, 'store-unusable')) for (const { end } of all) end({ error });
      else await this.#oneByOne(changes, claims);
    }
  }

  /** One of them cannot be kept; the others must not suffer for it. */
  async #oneByOne(changes: Waiting<Change>[], claims: Waiting<ClaimRequest>[]): Promise<void> {
    for (const change of changes) await this.#do([change], []);
    if (claims.length > 0) await this.#do([], claims);
  }
}
