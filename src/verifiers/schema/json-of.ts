/** The JSON in a result: all of it, or what is in the fenced block (```json) that it consists of. */
export function jsonOf(result: string): string {
  const lines = result.trim().split('\n');
  const isFenced = /^```(?:json)?\s*$/i.test(lines[0]!) && lines.at(-1)!.trim() === '```';
  return isFenced && lines.length > 1 ? lines.slice(1, -1).join('\n') : result;
}
