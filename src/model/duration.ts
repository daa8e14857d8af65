/** `1h30m`, `5m`, `2.5s`. From a minute on, whole seconds. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms) / 1000}s`;
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([n, unit]) => (n > 0 ? `${n}${unit}` : '')).join('');
}
