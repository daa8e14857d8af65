import type { Lease } from '../model/task.ts';

/**
 * The leases of live runs that this store object has found expired, and since when.
 *
 * A run that is dead loses its tasks at once. A run that lives (it has joined; its lock is held) can be late through
 * no fault of its own: the disk stalled, the machine slept. So an expired lease of a live run is taken over only by a
 * claim that finds it expired, not renewed, a third of its `leaseMs` after this store object found it expired first:
 * the run had that long to renew it. Where the store object itself had to wait longer than that for the store's lock,
 * the run had to wait as well: what was seen before is forgotten, and the time begins anew.
 */
export class LateLeases {
  readonly #seen = new Map<string, { token: string; expiresAt: string; since: number }>();

  /**
   * Until when its run may still renew an expired lease, in milliseconds since the epoch.
   * @param leaseMs of the claim that asks.
   */
  graceEnd({ taskId, token, expiresAt }: Lease, leaseMs: number, now: number): number {
    const seen = this.#seen.get(taskId);
    if (seen?.token === token && seen.expiresAt === expiresAt) return seen.since + graceOf(leaseMs);
    this.#seen.set(taskId, { token, expiresAt, since: now });
    return now + graceOf(leaseMs);
  }

  /** To be told how long the store's lock was waited for, in milliseconds, before a claim looks. */
  waited(ms: number, leaseMs: number): void {
    if (ms > graceOf(leaseMs)) this.#seen.clear();
  }
}

/** Renewals come three times as often as leases end: one comes within a third. */
function graceOf(leaseMs: number): number {
  return Math.floor(leaseMs / 3);
}
