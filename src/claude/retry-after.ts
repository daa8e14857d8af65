/**
 * How long an answer asks to be left alone, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as an
 * HTTP date. Undefined when it does not say, or names a time that is not ahead.
 */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (exact > 0) return exact;
  const after = headers?.get('retry-after')?.trim() ?? '';
  const seconds = after === '' ? Number.NaN : Number(after);
  const wait = Number.isNaN(seconds) ? Date.parse(after) - now : seconds * 1000;
  return wait > 0 && Number.isFinite(wait) ? wait : undefined;
}
