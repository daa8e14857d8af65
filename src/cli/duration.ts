const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHAPE = /^(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?$/;

/** Milliseconds of a duration such as `90s`, `5m`, `1h30m` or `250ms`; undefined where the text is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '' || !SHAPE.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g))
    sum += Number(count) * (UNITS[unit!] ?? 0);
  return Number.isSafeInteger(sum) ? sum : undefined;
}
