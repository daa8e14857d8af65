/**
 * Gives the result of a task that the one at hand comes after (one of its `after`). Rejects where there is none any more, because that task
 * was reset meanwhile: whoever asked for it ends then in whatever way, and the task at hand is given back, not counted. What is no UTF-8 is
 * given as its bytes.
 */
export type ResultOf = (id: string) => Promise<string | Buffer>;
