import { messageOf, OrchError } from '../model/errors.ts';
import { patternOf } from '../model/pattern.ts';

/** Turns a text into a value, or throws a usage error that calls it `name`. */
export interface Parser<T> {
  (text: string, name: string): T;
  /** The values that there are, for a shell to complete. */
  suggests?: readonly string[];
}

export function usage(message: string): OrchError {
  return new OrchError('usage', message);
}

export function unexpected(name: string, wanted: string, got: unknown): OrchError {
  return usage(`Expected ${name} to be ${wanted}, got ${JSON.stringify(got)}`);
}

export function contradiction(one: string, other: string): OrchError {
  return usage(`${one} and ${other} contradict each other; give one of them`);
}

/** A whole number of at least `minimum` and at most `maximum`; any whole number without them. */
export function wholeNumber(minimum = -Infinity, maximum = Infinity): Parser<number> {
  const bounds = maximum < Infinity ? ` from ${minimum} to ${maximum}` : ` of at least ${minimum}`;
  const wanted = `a whole number${minimum === -Infinity ? '' : bounds}`;
  return (text, name) => {
    const value = Number(text);
    const isWhole = /^-?\d+$/.test(text) && Number.isSafeInteger(value);
    const fits = isWhole && value >= minimum && value <= maximum;
    if (!fits) throw unexpected(name, wanted, text);
    return value;
  };
}

/** A number from 0 to 1. */
export const fraction: Parser<number> = (text, name) => {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1) throw unexpected(name, 'a number from 0 to 1', text);
  return value;
};

/** The same, and above 0. */
export const rate: Parser<number> = (text, name) => {
  const value = fraction(text, name);
  if (value === 0) throw unexpected(name, 'above 0 and at most 1', text);
  return value;
};

/** US dollars above 0: `5`, `0.50`, `$5`. */
export const dollars: Parser<number> = (text, name) => {
  const value = Number(text.replace(/^\$/, ''));
  if (!/^\$?\d*\.?\d+$/.test(text) || !(value > 0))
    throw unexpected(name, 'US dollars above 0, such as 2.50', text);
  return value;
};

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?$/;

/** Milliseconds of a duration such as `90s`, `5m`, `1h30m` or `250ms`; undefined where the text is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '' || !DURATION.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g))
    sum += Number(count) * (UNITS[unit!] ?? 0);
  return Number.isSafeInteger(sum) ? sum : undefined;
}

/** Milliseconds, written with units. */
export const duration: Parser<number> = (text, name) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  if (/^\d+$/.test(text))
    throw usage(`Expected ${name} to have a unit, such as ${text}s, ${text}m or ${text}d, got "${text}"`);
  throw unexpected(name, 'a duration such as 90s, 5m, 1h30m or 250ms', text);
};

/** A duration of at least a millisecond. */
export const timeLimit: Parser<number> = (text, name) => {
  const ms = duration(text, name);
  if (ms === 0) throw unexpected(name, 'longer than nothing', text);
  return ms;
};

/** The same, or 0 for `off`. */
export const timeOrOff: Parser<number> = (text, name) =>
  text === 'off' || text === '0' ? 0 : duration(text, name);

/** How a file's name ends, with or without the dot: `txt`, `.tar.gz`. */
export const fileEnding: Parser<string> = (text, name) => {
  const [, ending] = /^\.?([a-z0-9_-]{1,16}(?:\.[a-z0-9_-]{1,16})?)$/i.exec(text) ?? [];
  if (ending === undefined) throw unexpected(name, "the ending of a file's name, such as txt or md", text);
  return ending;
};

/** A text that is not blank. */
export const someText: Parser<string> = (text, name) => {
  if (text.trim() === '') throw usage(`Expected ${name} to be a text, got a blank one`);
  return text;
};

/** A regular expression; `/.../i` where it has flags. */
export const pattern: Parser<string> = (text, name) => {
  try {
    patternOf(someText(text, name));
  } catch (error) {
    throw usage(`${name}: ${messageOf(error)}`);
  }
  return text;
};

export function oneOf<T extends string>(choices: readonly T[]): Parser<T> {
  const parse: Parser<T> = (text, name) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw unexpected(name, `one of ${choices.join(', ')}`, text);
    return choice;
  };
  return Object.assign(parse, { suggests: choices });
}

/** A switch in the environment. */
export const onOrOff: Parser<boolean> = (text, name) => {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw unexpected(name, '1 or 0', text);
};

const ISO_TIME = /^(\d{4}-\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds since the epoch; `NaN` where it is no time. Date alone takes a day for UTC, and 31 February for 3 March. */
function parseTime(text: string): number {
  const [, month, day, clock] = ISO_TIME.exec(text) ?? [];
  const days = new Date(Date.parse(`${month}-01T00:00Z`));
  days.setUTCMonth(days.getUTCMonth() + 1, 0);
  if (!(Number(day) <= days.getUTCDate())) return Number.NaN;
  return Date.parse(clock ? text : `${text}T00:00`);
}

/** An ISO 8601 time (without a zone: local), or a duration from now; returned as ISO 8601 in UTC. */
export const pointInTime: Parser<string> = (text, name) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return new Date(Date.now() + ms).toISOString();
  const time = parseTime(text);
  if (Number.isNaN(time))
    throw unexpected(name, 'a time such as 2026-12-24T18:00Z or a duration such as 10m', text);
  return new Date(time).toISOString();
};

/** For commander: the parsed value of an option. */
export function parsed<T>(name: string, parse: Parser<T>): (text: string) => T {
  return Object.assign((text: string) => parse(text, name), { suggests: parse.suggests });
}

/** For commander: an option that is repeated, and takes several values separated by commas. */
export function commaList(name: string): (text: string, before: string[] | undefined) => string[] {
  return (text, before = []) => [...before, ...names(text, name)];
}

/** For commander: texts, each by an option of its own. */
export function listed(name: string): (text: string, before: string[] | undefined) => string[] {
  return (text, before = []) => [...before, someText(text, name)];
}

/** Names separated by commas, in one text. */
export const names: Parser<string[]> = (text, name) => {
  const found = splitNames(text);
  if (!found) throw usage(`Expected ${name} to be names separated by commas, got "${text}"`);
  return found;
};

/** Names that commas separate; undefined where one is blank. */
export function splitNames(text: string): string[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  return names.includes('') ? undefined : names;
}
