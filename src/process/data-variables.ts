import { firstBytes } from './bounded.ts';

/** Variables for a command; `undefined` takes one out of its environment. */
export type CommandEnvironment = Record<string, string | undefined>;

/** Bytes of one field; Linux takes 128 KiB for a variable. */
const MAX_FIELD_BYTES = 64 * 1024;
/** Bytes of all fields together, their names included; macOS takes 1 MiB for the whole environment. */
const MAX_FIELDS_BYTES = 128 * 1024;
/** Characters of a variable's name. */
const MAX_NAME = 255;

/** Those of an orch around this one say nothing of the task at hand. */
const OF_A_TASK = /^ORCH_(METADATA|AFTER)_/;

/** The name of the variable that names the file with a task's result: `task-001` -> `ORCH_AFTER_TASK_001_FILE`. */
export function afterVariable(id: string): string {
  return `ORCH_AFTER_${variablePart(id)}_FILE`;
}

/** Every variable of that kind that this process has itself, taken out. */
export function withoutOuter(env: NodeJS.ProcessEnv = process.env): CommandEnvironment {
  const names = Object.keys(env).filter((name) => OF_A_TASK.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/**
 * Fields as variables: `unit price` -> `ORCH_METADATA_UNIT_PRICE`. Texts as they are, without NULs, at most 64 KiB of each; null as an empty
 * text, other values as JSON. Left out are fields whose names come to the same, since nobody knows which is meant, and what would make
 * more than 128 KiB of all together.
 */
export function metadataVariables(metadata: Record<string, unknown> = {}): CommandEnvironment {
  const fields = Object.entries(metadata).filter(([field]) => field !== '');
  const variables: CommandEnvironment = {};
  let left = MAX_FIELDS_BYTES;
  for (const [name, value] of unambiguous(fields, (field) => `ORCH_METADATA_${variablePart(field)}`)) {
    const text = firstBytes(Buffer.from(asText(value).replaceAll('\0', '')), MAX_FIELD_BYTES);
    const bytes = name.length + Buffer.byteLength(text) + 2;
    if (bytes > left) continue;
    variables[name] = text;
    left -= bytes;
  }
  return variables;
}

/** Under the name that each gets, without those that would share one. */
export function unambiguous<T>(entries: [string, T][], nameOf: (key: string) => string): [string, T][] {
  const counts = new Map<string, number>();
  const named = entries.map(([key, value]): [string, T] => [nameOf(key), value]);
  for (const [name] of named) counts.set(name, (counts.get(name) ?? 0) + 1);
  return named.filter(([name]) => counts.get(name) === 1 && name.length <= MAX_NAME);
}

/** Upper case; all but A to Z and 0 to 9 become underscores. */
function variablePart(name: string): string {
  return name.replace(/[a-z]/g, (letter) => letter.toUpperCase()).replace(/[^A-Z0-9]/gu, '_');
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
