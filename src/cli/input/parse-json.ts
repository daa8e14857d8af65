/** Such a number may be another one when it was read: more digits than a number can hold. */
const MANY_DIGITS = /\d{16}|\d[eE]\+?\d{3}/;

/** A whole number that JavaScript cannot hold. */
export class InexactNumber extends Error {
  constructor(source: string) {
    const shown = source.length > 40 ? `${source.slice(0, 40)}...` : source;
    super(`the number ${shown} is too large to be kept as it is; write it as a text, in quotes`);
  }
}

/** `JSON.parse`, which would silently make another number of a large one, such as an id. @throws `SyntaxError`, `InexactNumber` */
export function parseJson(text: string): unknown {
  return MANY_DIGITS.test(text)
    ? JSON.parse(text, exact as (key: string, value: unknown) => unknown)
    : JSON.parse(text);
}

function exact(_key: string, value: unknown, { source = '' }: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const isWhole = /^-?\d+$/.test(source);
  if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value))) throw new InexactNumber(source);
  return value;
}
