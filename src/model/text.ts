/** One line without control characters, for a message: each run of white space is one blank. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** At most `max` characters of it; where it is longer, the last of them is an ellipsis. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

/** Its last characters, at most `max`; where it is longer, the first of them is an ellipsis. */
export function cutStart(text: string, max: number): string {
  return text.length <= max ? text : `…${text.slice(1 - max).toWellFormed()}`;
}
