import type { Paint } from '../terminal.ts';

export interface Share {
  count: number;
  symbol: string;
  colour: keyof Paint;
}

/** A bar of exactly `width` columns: to each share its part, and to none that is more than nothing less than a column. */
export function bar(shares: Share[], width: number, paint: Paint): string {
  const widths = partsOf(
    shares.map(({ count }) => count),
    width,
  );
  return shares
    .map(({ symbol, colour }, i) => (widths[i] ? paint[colour](symbol.repeat(widths[i])) : ''))
    .join('');
}

/** Whole numbers in the proportion of these, `total` together; the largest gives what the small ones need to show at all. */
function partsOf(counts: number[], total: number): number[] {
  const sum = counts.reduce((all, count) => all + count, 0);
  if (sum === 0) return [];
  const exact = counts.map((count) => (count / sum) * total);
  const parts = exact.map((part, i) => (counts[i] ? Math.max(1, Math.floor(part)) : 0));
  const missing = (i: number): number => (exact[i] ?? 0) - (parts[i] ?? 0);
  for (let over = parts.reduce((all, part) => all + part, 0) - total; over !== 0; over -= Math.sign(over)) {
    const candidates = parts.flatMap((part, i) => ((over > 0 ? part > 1 : counts[i]) ? [i] : []));
    const chosen = candidates.reduce(
      (best, i) => (Math.sign(over) * (missing(best) - missing(i)) > 0 ? i : best),
      candidates[0] ?? 0,
    );
    parts[chosen] = (parts[chosen] ?? 0) - Math.sign(over);
  }
  return parts;
}
