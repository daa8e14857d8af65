import type { Lease } from '../model/task.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { Runtime } from './runtime.ts';

/** Renews what a run holds, and tells who lost a lease to stop. */
export class LeaseKeeper {
  readonly #held = new Map<string, { lease: Lease; lost: AbortController }>();
  readonly #ended = new AbortController();
  readonly #store: TaskStore;
  readonly #runtime: Runtime;
  readonly #leaseMs: number;
  readonly #renewMs: number;

  constructor(store: TaskStore, runtime: Runtime, times: { leaseMs: number; renewMs: number }) {
    this.#store = store;
    this.#runtime = runtime;
    this.#leaseMs = times.leaseMs;
    this.#renewMs = times.renewMs;
  }

  /** @returns a signal that aborts when the lease is lost. */
  keep(lease: Lease): AbortSignal {
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
      if (this.#ended.signal.aborted) return;
      if (this.#held.size > 0) await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    const leases = [...this.#held.values()].map(({ lease }) => lease);
    for (const { token } of await this.#store.renew(leases, this.#leaseMs)) {
      this.#held.get(token)?.lost.abort();
    }
  }
}
