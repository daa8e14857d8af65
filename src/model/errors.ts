/**
 * What went wrong, for a program to branch on. The command line turns each into an exit code. A message is one sentence
 * for a person: it begins with a capital, unless it begins with a name (of a file, an option, an id), has no full stop,
 * and says what to do next behind a semicolon.
 * - `usage`: wrong arguments or configuration
 * - `not-found`: no such task
 * - `conflict`: the request contradicts what is there (an id taken by another text, a held task)
 * - `store-missing`: there is no store at that place
 * - `store-unusable`: it is corrupt, of a newer version, unreadable, or cannot be written
 * - `lease-lost`: the task is no longer held by this lease; nothing was changed
 */
export type OrchErrorCode =
  | 'usage'
  | 'not-found'
  | 'conflict'
  | 'store-missing'
  | 'store-unusable'
  | 'lease-lost';

/** An expected failure of orch. Anything else that is thrown is a defect. */
export class OrchError extends Error {
  readonly code: OrchErrorCode;
  /** Where several tasks were given and one of them is at fault: which, counted from 0. */
  declare readonly index?: number;

  constructor(code: OrchErrorCode, message: string, options: ErrorOptions & { index?: number } = {}) {
    super(message, options);
    this.code = code;
    if (options.index !== undefined) this.index = options.index;
  }

  static {
    // On the prototype, so that it is not an own property of every instance.
    OrchError.prototype.name = 'OrchError';
  }
}

export function isOrchError(value: unknown, code?: OrchErrorCode): value is OrchError {
  return value instanceof OrchError && (code === undefined || value.code === code);
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'something that has no text';
  }
}
