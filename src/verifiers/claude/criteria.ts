/**
 * Criteria as the judge sees them. Several lines are numbered, so that an issue can name the one it is about: `[2] `
 * before the second line that is not blank. A single one needs no number.
 */
export function numbered(criteria: string): string {
  const lines = criteria.split('\n');
  if (lines.filter(isText).length < 2) return criteria;
  let number = 0;
  return lines.map((line) => (isText(line) ? `[${++number}] ${line}` : line)).join('\n');
}

function isText(line: string): boolean {
  return line.trim() !== '';
}
