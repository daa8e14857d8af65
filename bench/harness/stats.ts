export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @returns undefined when there is no value. */
export function spread(values: number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? min;
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? max;
  return { median: (low + high) / 2, min, max };
}
