/** A wait above a year is a mistake of the server's. */
const LONGEST_WAIT_MS = 365 * 24 * 3_600_000;

/**
 * How long an answer asks to be left alone, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as an
 * HTTP date. Undefined when it does not say, or names a time that is not ahead, or one more than a year ahead.
 */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (isWait(exact)) return exact;
  const after = headers?.get('retry-after')?.trim() ?? '';
  const seconds = after === '' ? Number.NaN : Number(after);
  const wait = Number.isNaN(seconds) ? Date.parse(after) - now : seconds * 1000;
  return isWait(wait) ? wait : undefined;
}

/** Whether it is a time to wait that a server may ask for. */
export function isWait(ms: number): boolean {
  return ms > 0 && ms <= LONGEST_WAIT_MS;
}
