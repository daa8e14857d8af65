import type { Lease } from '../model/task.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { Runtime } from './runtime.ts';

/** Shortest time between two looks at what is held, in milliseconds: a store may change many times a second. */
const LOOK_MS = 1_000;

/** Renews what a run holds, and tells who lost a lease to stop. */
export class LeaseKeeper {
  readonly #held = new Map<string, { lease: Lease; lost: AbortController }>();
  readonly #ended = new AbortController();
  readonly #store: TaskStore;
  readonly #runtime: Runtime;
  readonly #leaseMs: number;
  readonly #renewMs: number;
  #looking: Promise<void> | undefined;

  constructor(store: TaskStore, runtime: Runtime, times: { leaseMs: number; renewMs: number }) {
    this.#store = store;
    this.#runtime = runtime;
    this.#leaseMs = times.leaseMs;
    this.#renewMs = times.renewMs;
  }

  /** @returns a signal that aborts when the lease is lost. An earlier lease of the same task is lost by this one. */
  keep(lease: Lease): AbortSignal {
    for (const { lease: earlier, lost } of this.#held.values()) {
      if (earlier.taskId === lease.taskId) lost.abort();
    }
    const lost = new AbortController();
    this.#held.set(lease.token, { lease, lost });
    return lost.signal;
  }

  drop(lease: Lease): void {
    this.#held.delete(lease.token);
  }

  end(): void {
    this.#ended.abort();
  }

  /** Renews until `end`. Rejects when the store breaks. */
  async run(): Promise<void> {
    for (;;) {
      await this.#runtime.sleep(this.#renewMs, this.#ended.signal);
      if (this.#ended.signal.aborted) break;
      if (this.#held.size > 0) await this.#renew();
    }
    await this.#looking;
  }

  /**
   * Somebody changed the store, perhaps what this run holds: looks soon, without waiting for the next renewal.
   * What goes wrong with a look shows at that renewal.
   */
  changed(): void {
    this.#looking ??= this.#look()
      .catch(() => undefined)
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #look(): Promise<void> {
    await this.#runtime.sleep(LOOK_MS, this.#ended.signal);
    const before = [...this.#held.keys()];
    if (this.#ended.signal.aborted || before.length === 0) return;
    const there = new Set<string>();
    for await (const { lease } of this.#store.list({ status: 'in_progress' }))
      if (lease) there.add(lease.token);
    for (const token of before) if (!there.has(token)) this.#held.get(token)?.lost.abort();
  }

  async #renew(): Promise<void> {
    const leases = [...this.#held.values()].map(({ lease }) => lease);
    for (const { token } of await this.#store.renew(leases, this.#leaseMs)) {
      this.#held.get(token)?.lost.abort();
    }
  }
}
