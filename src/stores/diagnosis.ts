/** What was looked at, and how it was found. */
export interface Diagnosis {
  /** What was looked at, in a word. */
  check: string;
  /** False: orch cannot work with it as it is. */
  ok: boolean;
  /** What was found; of a problem also what to do, behind a semicolon. */
  text: string;
  /** Nothing is wrong, but somebody may want to know. */
  isNote?: true;
  /** The same for a program. */
  facts?: Record<string, unknown>;
}

export function healthy(check: string, text: string, facts?: Record<string, unknown>): Diagnosis {
  return { check, ok: true, text, ...(facts && { facts }) };
}

export function remarkable(check: string, text: string, facts?: Record<string, unknown>): Diagnosis {
  return { ...healthy(check, text, facts), isNote: true };
}

export function problem(check: string, text: string, facts?: Record<string, unknown>): Diagnosis {
  return { check, ok: false, text, ...(facts && { facts }) };
}

/** `1 change`, `2 changes`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}
