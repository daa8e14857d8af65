import type { EventMap } from '../model/event.ts';
import type { Pool } from '../model/pool.ts';
import type { Gauge } from '../ports/safety-check.ts';

/** Share of a cap, or of a task's limit, that may be spent before somebody is warned. */
export const WARN_AT = 0.8;

export interface PoolWatchParts {
  emit(name: 'budget:warning', payload: EventMap['budget:warning']): void;
  /** The gauges changed. */
  onPool(): void;
}

/** Says how much of the cap is used up, and warns once when that is most of it. */
export class PoolWatch {
  readonly #parts: PoolWatchParts;
  #pool: Pool = { spentUsd: 0, reservedUsd: 0 };
  #warned = false;

  constructor(parts: PoolWatchParts) {
    this.#parts = parts;
  }

  /** As it was seen last. */
  get pool(): Pool {
    return this.#pool;
  }

  get gauges(): Gauge[] {
    const { spentUsd, capUsd } = this.#pool;
    return capUsd === undefined ? [] : [{ what: 'cost', used: spentUsd, limit: capUsd, unit: 'usd' }];
  }

  /** How the pool stands now. */
  look(pool: Pool): void {
    this.#pool = pool;
    const { emit, onPool } = this.#parts;
    onPool();
    if (this.#warned || pool.capUsd === undefined || pool.spentUsd < WARN_AT * pool.capUsd) return;
    this.#warned = true;
    emit('budget:warning', { pool });
  }
}
