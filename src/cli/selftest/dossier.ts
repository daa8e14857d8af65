import type { ToldBy } from './told.ts';
import type { Rule, Violation } from './violation.ts';

/** All that was told of one task, in the order of time. */
export class Dossier {
  readonly added: Array<ToldBy<'added'> & { description: string }> = [];
  readonly completed: ToldBy<'completed'>[] = [];
  readonly #id: string;
  readonly #claimed: ToldBy<'claimed'>[] = [];
  readonly #begun: ToldBy<'begun'>[] = [];
  readonly #checkpointed: ToldBy<'checkpointed'>[] = [];
  readonly #overtaken: ToldBy<'overtaken'>[] = [];
  readonly #lost: ToldBy<'lost'>[] = [];
  readonly #reset: ToldBy<'reset'>[] = [];

  constructor(id: string) {
    this.#id = id;
  }

  take(told: ToldBy): void {
    if (told.kind === 'claimed') this.#claimed.push(told);
    if (told.kind === 'begun') this.#begun.push(told);
    if (told.kind === 'checkpointed') this.#checkpointed.push(told);
    if (told.kind === 'completed') this.completed.push(told);
    if (told.kind === 'overtaken') this.#overtaken.push(told);
    if (told.kind === 'lost') this.#lost.push(told);
    if (told.kind === 'reset') this.#reset.push(told);
  }

  violations(): Violation[] {
    return [...this.#twice(), ...this.#again(), ...this.#late()];
  }

  *#twice(): Generator<Violation> {
    if (this.added.length > 1) yield this.#violation('twice', 'Its id was given to two tasks');
    if (this.completed.length > 1) {
      const workers = this.completed.map(({ worker }) => worker).join(' and ');
      yield this.#violation('twice', `Its completion was acknowledged to workers ${workers}`);
    }
  }

  /** Leases are compared by their own times alone: a database has another clock than the workers. */
  *#again(): Generator<Violation> {
    const [done] = this.completed;
    const after = done && this.#claimed.find(({ since, at }) => since > done.since && at > done.at);
    if (done && after) {
      const message = `Worker ${after.worker} was given it after its completion had been acknowledged to worker ${done.worker}`;
      yield this.#violation('again', message);
    }
    for (const kept of this.#checkpointed) {
      const again = this.#begun.find(({ since, at }) => since > kept.since && !this.#isReset(kept.at, at));
      if (!again) continue;
      const message = `Worker ${again.worker} executed it though its output had been acknowledged to worker ${kept.worker}`;
      yield this.#violation('again', message);
      return;
    }
  }

  *#late(): Generator<Violation> {
    for (const { token, since, worker } of this.completed) {
      const later = this.#claimed.find((claim) => claim.token !== token && claim.since > since);
      if (!later) continue;
      const message = `Worker ${worker} completed it under a lease that it had lost to worker ${later.worker}`;
      yield this.#violation('fence', message);
    }
    for (const { token, worker, at } of this.#overtaken) {
      const kept = [...this.#checkpointed, ...this.completed].find(
        (told) => told.token === token && told.at > at,
      );
      if (kept) {
        const message = `Worker ${worker} was stopped until another had taken it over, and its late ${kept.kind === 'completed' ? 'completion' : 'checkpoint'} was accepted`;
        yield this.#violation('fence', message);
      } else if (!this.#lost.some((lost) => lost.worker === worker && lost.at > at)) {
        const message = `Worker ${worker} was stopped until another had taken it over, and did not hear of it`;
        yield this.#violation('fence', message);
      }
    }
  }

  #isReset(from: number, to: number): boolean {
    return this.#reset.some(({ at }) => at > from && at < to);
  }

  #violation(rule: Rule, message: string): Violation {
    return { rule, task: this.#id, message };
  }
}
