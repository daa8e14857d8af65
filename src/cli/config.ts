import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../model/errors.ts';
import { kebab, type Layer, RUN_OPTION_NAMES, RUN_OPTIONS, type RunOptionName } from './run-options.ts';
import { unexpected, usage } from './values.ts';

export const DEFAULT_CONFIG = 'orch.config.json';

/** What a config file says: `{ "store": "...", "run": { "concurrency": 8, ... } }`. */
export interface Config {
  path: string;
  /** Taken from the config file's own folder. */
  store?: string;
  run: Partial<Record<RunOptionName, string | true>>;
}

/** The named file, or `orch.config.json` in the working directory where there is one. */
export function loadConfig(named: string | undefined): Config | undefined {
  const path = named ?? DEFAULT_CONFIG;
  const text = read(path, named !== undefined);
  return text === undefined ? undefined : parseConfig(text, path);
}

function read(path: string, needed: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!needed && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw usage(`The config file ${path} cannot be read: ${messageOf(error)}`);
  }
}

export function parseConfig(text: string, path: string): Config {
  const file = objectIn(parseJson(text, path), path, 'a JSON object');
  const config: Config = { path, run: {} };
  for (const [key, value] of Object.entries(file)) {
    if (key === 'store') config.store = storeIn(value, path);
    else if (key === 'run') config.run = runIn(objectIn(value, `run in ${path}`, 'an object'), path);
    else throw unknownKey(key, path, ['store', 'run']);
  }
  return config;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`The config file ${path} is not JSON: ${messageOf(error)}`);
  }
}

function storeIn(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw unexpected(`store in ${path}`, 'a text', value);
  return value.includes('://') ? value : resolve(dirname(path), value);
}

function runIn(run: Record<string, unknown>, path: string): Config['run'] {
  const found: Config['run'] = {};
  for (const [key, value] of Object.entries(run)) {
    const option = RUN_OPTION_NAMES.find((name) => name === key);
    if (!option) throw unknownKey(`run.${key}`, path, RUN_OPTION_NAMES);
    const text = asWritten(option, value, `run.${key} in ${path}`);
    if (text !== undefined) found[option] = text;
  }
  return found;
}

/** The value as a flag would have it; undefined for a switch that is off. */
function asWritten(option: RunOptionName, value: unknown, name: string): string | true | undefined {
  const { parse } = RUN_OPTIONS[option];
  if (!parse && typeof value === 'boolean') return value || undefined;
  if (!parse) throw unexpected(name, 'true or false', value);
  if (typeof value !== 'string' && typeof value !== 'number')
    throw unexpected(name, 'a text or a number', value);
  parse(String(value), name);
  return String(value);
}

function objectIn(value: unknown, name: string, wanted: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unexpected(name, wanted, value);
  return { ...value };
}

function unknownKey(key: string, path: string, known: string[]): Error {
  return usage(`${path} has the unknown key ${key}; known are ${known.join(', ')}`);
}

/** What the config file says about a run. */
export function configLayer(config: Config): Layer {
  return { values: config.run, nameOf: (option) => `run.${option} in ${config.path}` };
}

/** `ORCH_CONCURRENCY` and the like: the options that take a value. */
export function environmentLayer(env: NodeJS.ProcessEnv): Layer {
  const nameOf = (option: RunOptionName) => `ORCH_${kebab(option).replaceAll('-', '_').toUpperCase()}`;
  const values: Layer['values'] = {};
  for (const option of RUN_OPTION_NAMES) {
    const text = env[nameOf(option)];
    if (text && RUN_OPTIONS[option].parse) values[option] = text;
  }
  return { values, nameOf };
}
