import { isTaskId } from '../stores/task-ids.ts';
import { usage } from './values.ts';

/** Ids that differ in the number at their end: `task-010..task-020`. How the numbers are padded plays no part. */
export interface Range {
  text: string;
  prefix: string;
  first: bigint;
  last: bigint;
}

/**
 * What `first..last` names; undefined where it is no range. Neither end need exist.
 * @throws `usage`: its ends are not of one form, or the wrong way round.
 */
export function parseRange(text: string): Range | undefined {
  // An end may have dots of its own: the last two are the ones between.
  const at = text.lastIndexOf('..');
  if (at === -1) return undefined;
  const [first, last] = [endOf(text.slice(0, at)), endOf(text.slice(at + 2))];
  if (!first || !last || first.prefix !== last.prefix) {
    throw usage(
      `Expected both ends of ${JSON.stringify(text)} to be ids that differ in the number at their end, such as task-010..task-020`,
    );
  }
  if (first.number > last.number)
    throw usage(`The range ${text} ends before it begins; give the lower id first`);
  return { text, prefix: first.prefix, first: first.number, last: last.number };
}

export function isInRange(id: string, { prefix, first, last }: Range): boolean {
  const end = endOf(id);
  return end !== undefined && end.prefix === prefix && end.number >= first && end.number <= last;
}

function endOf(id: string): { prefix: string; number: bigint } | undefined {
  const [, prefix, digits] = /^(.*?)(\d+)$/.exec(id) ?? [];
  if (prefix === undefined || digits === undefined || !isTaskId(id)) return undefined;
  return { prefix, number: BigInt(digits) };
}
