import { OrchError } from '../model/errors.ts';

/** 12 digits are more than will ever be counted to, and are exact in a number. */
const AUTOMATIC = /^task-(\d{1,12})$/;
const ALLOWED = /^[A-Za-z0-9._-]{1,64}$/;

/** Characters of an id at most. */
export const LONGEST_ID = 64;

/** The last number that an automatic id can have. */
export const LAST_NUMBER = 999_999_999_999;

/** Own ids of that form may go so far: one such task must not use up all automatic ids. */
const LAST_OWN_NUMBER = LAST_NUMBER - 1_000_000_000;

/**
 * `task-001` and up: three digits, more when they are needed.
 * @throws `usage`: the last one has been given.
 */
export function automaticId(number: number): string {
  if (number > LAST_NUMBER) {
    const message = `No automatic id is left: task-${LAST_NUMBER} was the last; give each new task an id of its own`;
    throw new OrchError('usage', message);
  }
  return `task-${String(number).padStart(3, '0')}`;
}

/** The first number an automatic id may have when this id is in use, so that none is given twice. */
export function numberAfter(id: string): number {
  const digits = AUTOMATIC.exec(id)?.[1];
  return digits === undefined ? 1 : Number(digits) + 1;
}

export function isTaskId(id: string): boolean {
  return ALLOWED.test(id);
}

/** @throws `usage` */
export function checkId(id: string): void {
  if (numberAfter(id) > LAST_OWN_NUMBER) {
    const message = `${id} would leave no automatic id behind it; give that task an id that does not end so high`;
    throw new OrchError('usage', message);
  }
  if (isTaskId(id)) return;
  const message = `${JSON.stringify(id)} cannot be an id; use 1 to 64 letters, digits, dots, underscores and hyphens`;
  throw new OrchError('usage', message);
}
