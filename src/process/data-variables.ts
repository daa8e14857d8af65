import { firstBytes } from './bounded.ts';

/** Variables for a command; `undefined` takes one out of its environment. */
export type CommandEnvironment = Record<string, string | undefined>;

/** Bytes of one field; Linux takes 128 KiB for a variable. */
const MAX_FIELD_BYTES = 64 * 1024;
/** Bytes of all variables of a kind, their names included; macOS takes 1 MiB for the whole environment. */
const MAX_BYTES = 128 * 1024;
/** Characters of a variable's name. */
const MAX_NAME = 255;

/** Those of an orch around this one say nothing of the task at hand. */
const OF_A_TASK = /^ORCH_(METADATA|AFTER)_/;

/** The name of the variable that names the file with a task's result: `task-001` -> `ORCH_AFTER_TASK_001_FILE`. */
export function afterVariable(id: string): string {
  return `ORCH_AFTER_${variablePart(id)}_FILE`;
}

/** The name of the variable that holds a field of the task's metadata: `unit price` -> `ORCH_METADATA_UNIT_PRICE`. */
export function metadataVariable(field: string): string {
  return `ORCH_METADATA_${variablePart(field)}`;
}

/** Every variable of that kind that this process has itself, taken out. */
export function withoutOuter(env: NodeJS.ProcessEnv = process.env): CommandEnvironment {
  const names = Object.keys(env).filter((name) => OF_A_TASK.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/**
 * Fields as variables. Texts as they are, without NULs, at most 64 KiB of each; null as an empty
 * text, other values as JSON. Left out are fields whose names come to the same, since nobody knows which is meant, and what would make
 * more than 128 KiB of all together.
 */
export function metadataVariables(metadata: Record<string, unknown> = {}): CommandEnvironment {
  const fields = Object.entries(metadata).filter(([field]) => field !== '');
  return variables(fields.map(([field, value]) => [metadataVariable(field), asText(value)]));
}

/** Those that name the files with results. Left out are the same as of fields. @param files path by id. */
export function afterVariables(files: ReadonlyMap<string, string>): CommandEnvironment {
  return variables([...files].map(([id, path]) => [afterVariable(id), path]));
}

function variables(named: [name: string, text: string][]): CommandEnvironment {
  const counts = new Map<string, number>();
  for (const [name] of named) counts.set(name, (counts.get(name) ?? 0) + 1);
  const found: CommandEnvironment = {};
  let left = MAX_BYTES;
  for (const [name, text] of named) {
    if (counts.get(name) !== 1 || name.length > MAX_NAME) continue;
    const bytes = name.length + Buffer.byteLength(text) + 2;
    if (bytes > left) continue;
    found[name] = text;
    left -= bytes;
  }
  return found;
}

/** Upper case; all but A to Z and 0 to 9 become underscores. */
function variablePart(name: string): string {
  return name.replace(/[a-z]/g, (letter) => letter.toUpperCase()).replace(/[^A-Z0-9]/gu, '_');
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return firstBytes(Buffer.from(text.replaceAll('\0', '')), MAX_FIELD_BYTES);
}
