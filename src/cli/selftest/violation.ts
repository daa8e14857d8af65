/**
 * What the self-test proves, each by its name:
 * - `lost`: an acknowledged task is gone, or is another one
 * - `unfinished`: a task was not completed in the end
 * - `result`: a result is not the one that was acknowledged, or that follows from the task
 * - `twice`: a task was completed twice, or an id was given twice
 * - `again`: work was handed out again though its result or its checkpoint had been acknowledged
 * - `fence`: who had lost a task changed it, or was not told
 * - `store`: the store could not be used, or its files do not agree
 * - `stuck`: what had to happen did not
 */
export type Rule = 'lost' | 'unfinished' | 'result' | 'twice' | 'again' | 'fence' | 'store' | 'stuck';

export interface Violation {
  rule: Rule;
  /** Its id, where it is about one. */
  task?: string;
  message: string;
}
