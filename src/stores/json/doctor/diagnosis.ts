import { messageOf } from '../../../model/errors.ts';
import type { StatFs } from '../disk/network-file-system.ts';
import { explained } from '../explained.ts';

/** What was looked at, and how it was found. */
export interface Diagnosis {
  /** What was looked at, in a word. */
  check: string;
  /** False: orch cannot work with it as it is. */
  ok: boolean;
  /** What was found; of a problem also what to do, behind a semicolon. */
  text: string;
  /** The same for a program. */
  facts?: Record<string, unknown>;
}

/** A store that is looked at. */
export interface Patient {
  /** Its file, symbolic links followed. */
  path: string;
  /** How messages call it. */
  name: string;
  /** For tests. */
  statfs?: StatFs;
}

export function healthy(check: string, text: string, facts?: Record<string, unknown>): Diagnosis {
  return { check, ok: true, text, ...(facts && { facts }) };
}

export function problem(check: string, text: string, facts?: Record<string, unknown>): Diagnosis {
  return { check, ok: false, text, ...(facts && { facts }) };
}

/** What was thrown while something was looked at is what was found. */
export async function thrownProblem(check: string, thrown: unknown, name: string): Promise<Diagnosis> {
  return problem(check, messageOf(await explained(thrown, name)));
}

/** `1 change`, `2 changes`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
