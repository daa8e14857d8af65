import type { RunStats } from '../model/event.ts';
import { addUsage, type Usage } from '../model/usage.ts';

/** Counts what a run did. A task counts once, however often it was tried. */
export class Tally {
  /** Tasks that were started here and have not ended: value true once one was sent back. */
  readonly #open = new Map<string, boolean>();
  readonly #startedAt: number;
  #endedAt: number | undefined;
  #ended = 0;
  #completed = 0;
  #failed = 0;
  #retried = 0;
  #attempts = 0;
  #usage: Usage | undefined;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  get processed(): number {
    return this.#ended + this.#open.size;
  }

  /** Ids of the tasks that were started here and have not ended. */
  openTasks(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  started(id: string): void {
    if (!this.#open.has(id)) this.#open.set(id, false);
  }

  sentBack(id: string): void {
    if (!this.#open.get(id)) this.#retried++;
    this.#open.set(id, true);
  }

  completed(id: string): void {
    this.#completed++;
    this.#close(id);
  }

  failed(id: string): void {
    this.#failed++;
    this.#close(id);
  }

  attempt(): void {
    this.#attempts++;
  }

  spent(usage: Usage | undefined): void {
    this.#usage = addUsage(this.#usage, usage);
  }

  ended(at: number): void {
    this.#endedAt = at;
  }

  stats(now: number): RunStats {
    const settled = this.#completed + this.#failed;
    const stats: RunStats = {
      processed: this.processed,
      completed: this.#completed,
      failed: this.#failed,
      retried: this.#retried,
      attempts: this.#attempts,
      elapsedSeconds: ((this.#endedAt ?? now) - this.#startedAt) / 1000,
      successRate: settled === 0 ? 0 : this.#completed / settled,
    };
    if (this.#usage) stats.usage = this.#usage;
    if (this.#usage?.costUsd !== undefined) stats.costUsd = this.#usage.costUsd;
    return stats;
  }

  #close(id: string): void {
    this.#open.delete(id);
    this.#ended++;
  }
}
