/** How long to wait before trying again. A value: it can be printed, stored and tested without a timer. */
export interface Backoff {
  /** Milliseconds: the bound of the first wait; each further one doubles. */
  baseMs: number;
  /** Milliseconds: no bound is higher. */
  capMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { baseMs: 1_000, capMs: 60_000 };

/**
 * Milliseconds to wait after so many failures in a row (1 for the first): anywhere between 0 and the doubled bound
 * ("full jitter", which spreads callers best: AWS Architecture Blog, "Exponential Backoff And Jitter"). What the
 * service asked for is a minimum, to which the jitter is added.
 */
export function backoffDelay(
  backoff: Backoff,
  failures: number,
  random: () => number,
  retryAfterMs = 0,
): number {
  const bound = Math.min(backoff.capMs, backoff.baseMs * 2 ** (failures - 1));
  const asked = Number.isFinite(retryAfterMs) ? retryAfterMs : backoff.capMs;
  return Math.round(asked + random() * bound);
}
