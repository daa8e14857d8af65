/** How many rows a statement gives at most. @param most `Infinity`: all. */
export function limitOf(most: number): string {
  return Number.isFinite(most) ? `LIMIT ${most}` : '';
}
