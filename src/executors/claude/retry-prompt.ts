/** What to do with a rejected result and what was wrong with it, which stand before it. Another text may take its place. */
export const RETRY_PROMPT =
  'Do the task again and mend what was wrong. Give the whole new result, not a list of changes.';
