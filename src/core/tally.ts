import type { RunStats } from '../model/event.ts';
import { TransitMap } from '../model/transit-map.ts';
import { addUsage, type Usage } from '../model/usage.ts';

/** Counts what a run did. A task counts once, however often it was tried. */
export class Tally {
  /** Tasks that were started here and have not ended: value true once one was sent back. */
  readonly #open = new TransitMap<boolean>();
  /** Those of them of whose work nothing has come yet. */
  readonly #fresh = new Set<string>();
  /** How those that ended did so, the last time. */
  readonly #ended = new Map<string, 'completed' | 'failed'>();
  readonly #startedAt: number;
  #endedAt: number | undefined;
  #started = 0;
  #completed = 0;
  #failed = 0;
  #retried = 0;
  #attempts = 0;
  #usage: Usage | undefined;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** Tasks that this run began to work on; their retries are not counted. */
  get started(): number {
    return this.#started;
  }

  /** Ids of the tasks that were started here and have not ended. */
  openTasks(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  /** One that had ended, and was reset since, is taken back: it counts as it ends now. */
  start(id: string): void {
    if (this.#open.has(id)) return;
    if (!this.#takeBack(id)) {
      this.#started++;
      this.#fresh.add(id);
    }
    this.#open.set(id, false);
  }

  /** Its work did not begin after all. One that was worked on before counts all the same. */
  takeBackStart(id: string): void {
    if (!this.#fresh.delete(id)) return;
    this.#open.delete(id);
    this.#started--;
  }

  sentBack(id: string): void {
    if (!this.#open.get(id)) this.#retried++;
    this.#fresh.delete(id);
    this.#open.set(id, true);
  }

  completed(id: string): void {
    this.#end(id, 'completed');
    this.#completed++;
  }

  failed(id: string): void {
    this.#end(id, 'failed');
    this.#failed++;
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
      processed: settled + this.#open.size,
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

  #end(id: string, how: 'completed' | 'failed'): void {
    this.#fresh.delete(id);
    // One that is open was taken back as it was started.
    if (!this.#open.delete(id)) this.#takeBack(id);
    this.#ended.set(id, how);
  }

  /** @returns whether it had ended before. */
  #takeBack(id: string): boolean {
    const before = this.#ended.get(id);
    if (before === undefined) return false;
    if (before === 'completed') this.#completed--;
    if (before === 'failed') this.#failed--;
    return this.#ended.delete(id);
  }
}
