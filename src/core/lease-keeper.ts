import type { Lease } from '../model/task.ts';
import { TransitMap } from '../model/transit-map.ts';
import type { TaskStore } from '../ports/task-store.ts';
import type { Runtime } from './runtime.ts';

/** Shortest time between two looks at what is held, in milliseconds: a store may change many times a second. */
const LOOK_MS = 1_000;

interface LeaseKeeperParts {
  store: TaskStore;
  runtime: Runtime;
  leaseMs: number;
  renewMs: number;
  /** Aborts when the work on all that is held is to end. */
  aborting: AbortSignal;
}

/** Renews what a run holds, and tells who works on it when to end that: the lease is lost, or the run is aborted. */
export class LeaseKeeper {
  /** By the task's id. */
  readonly #held = new TransitMap<{ lease: Lease; work: AbortController }>();
  readonly #ended = new AbortController();
  readonly #parts: LeaseKeeperParts;
  #looking: Promise<void> | undefined;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
    parts.aborting.addEventListener('abort', () => {
      for (const { work } of this.#held.values()) work.abort();
    });
  }

  /**
   * @returns a signal that aborts when the lease is lost, or the run is aborted. An earlier lease of the same task is lost
   * by this one.
   */
  keep(lease: Lease): AbortSignal {
    this.#held.get(lease.taskId)?.work.abort();
    const work = new AbortController();
    if (this.#parts.aborting.aborted) work.abort();
    this.#held.set(lease.taskId, { lease, work });
    return work.signal;
  }

  drop(lease: Lease): void {
    if (this.#workUnder(lease)) this.#held.delete(lease.taskId);
  }

  end(): void {
    this.#ended.abort();
  }

  /** Renews until `end`. Rejects when the store breaks. */
  async run(): Promise<void> {
    const { runtime, renewMs } = this.#parts;
    for (;;) {
      await runtime.sleep(renewMs, this.#ended.signal);
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
    const { runtime, store } = this.#parts;
    await runtime.sleep(LOOK_MS, this.#ended.signal);
    const leases = this.#leases();
    if (this.#ended.signal.aborted || leases.length === 0) return;
    for (const lease of await store.lost(leases)) this.#workUnder(lease)?.abort();
  }

  async #renew(): Promise<void> {
    const { store, leaseMs } = this.#parts;
    for (const lease of await store.renew(this.#leases(), leaseMs)) this.#workUnder(lease)?.abort();
  }

  #leases(): Lease[] {
    return [...this.#held.values()].map(({ lease }) => lease);
  }

  /** What ends the work that goes on under this lease, if it does. */
  #workUnder({ taskId, token }: Lease): AbortController | undefined {
    const held = this.#held.get(taskId);
    return held?.lease.token === token ? held.work : undefined;
  }
}
