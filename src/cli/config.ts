import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Price } from '../claude/prices.ts';
import { messageOf } from '../model/errors.ts';
import { readFileText } from './input/read-text.ts';
import type { Layer } from './layers.ts';
import { pricesIn } from './prices.ts';
import {
  kebab,
  parseOption,
  RUN_OPTION_NAMES,
  RUN_OPTIONS,
  type RunOptionName,
  type RunSettings,
} from './run-options.ts';
import { names, someText, unexpected, usage } from './values.ts';

export const DEFAULT_CONFIG = 'orch.config.json';

/** What a config file says: `{ "store": "...", "run": { "concurrency": 8, ... }, "prices": { ... } }`. */
export interface Config {
  path: string;
  /** It lay in the working directory, and nobody named it: it may have come with the folder. */
  wasFound: boolean;
  /** Taken from the config file's own folder. */
  store?: string;
  run: RunSettings;
  /** By model. */
  prices: Record<string, Price>;
}

/** The named file, or `orch.config.json` in the working directory where there is one. */
export async function loadConfig(named: string | undefined): Promise<Config | undefined> {
  if (named === undefined && !existsSync(DEFAULT_CONFIG)) return undefined;
  const path = named ?? DEFAULT_CONFIG;
  return { ...parseConfig(await readFileText(path), path), wasFound: named === undefined };
}

function parseConfig(text: string, path: string): Omit<Config, 'wasFound'> {
  const file = objectIn(parseJson(text, path), path, 'a JSON object');
  const config: Omit<Config, 'wasFound'> = { path, run: {}, prices: {} };
  for (const [key, value] of Object.entries(file)) {
    if (key === 'store') config.store = storeIn(value, path);
    else if (key === 'run') config.run = runIn(objectIn(value, `run in ${path}`, 'an object'), path);
    else if (key === 'prices')
      config.prices = pricesIn(objectIn(value, `prices in ${path}`, 'an object'), `prices in ${path}`);
    else throw unknownKey(key, path, ['store', 'run', 'prices']);
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

function runIn(run: Record<string, unknown>, path: string): RunSettings {
  const found: RunSettings = {};
  for (const [key, value] of Object.entries(run)) {
    const option = RUN_OPTION_NAMES.find((name) => name === key);
    if (!option) throw unknownKey(`run.${key}`, path, RUN_OPTION_NAMES);
    const given = valueIn(option, value, `run.${key} in ${path}`);
    Object.assign(found, { [option]: RUN_OPTIONS[option].isPath ? pathsFrom(path, given) : given });
  }
  return found;
}

/** One, or several. @param path of the file that names them. */
function pathsFrom(path: string, given: unknown): string | string[] {
  const from = (name: unknown) => resolve(dirname(path), String(name));
  return Array.isArray(given) ? given.map(from) : from(given);
}

function valueIn(option: RunOptionName, value: unknown, name: string): unknown {
  const { parse, isList } = RUN_OPTIONS[option];
  const isSwitch = parse === undefined;
  if (isSwitch && typeof value === 'boolean') return value;
  if (isSwitch) throw unexpected(name, 'true or false', value);
  if (isList) return listIn(value, name);
  if (typeof value !== 'string' && typeof value !== 'number')
    throw unexpected(name, 'a text or a number', value);
  const given = parseOption(option, String(value), name);
  if (typeof value === 'number' && typeof given !== 'number') throw unexpected(name, 'a text', value);
  return given;
}

/** Texts, or one text with commas. */
function listIn(value: unknown, name: string): string[] {
  if (typeof value === 'string') return names(value, name);
  const isTexts = Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (!isTexts) throw unexpected(name, 'a list of texts, or one text with commas', value);
  return value.map((each) => someText(each, name));
}

function objectIn(value: unknown, name: string, wanted: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unexpected(name, wanted, value);
  return { ...value };
}

function unknownKey(key: string, path: string, known: string[]): Error {
  return usage(`${path} has the unknown key ${key}; known are ${known.join(', ')}`);
}

/**
 * What environment and config file say about a run, the stronger first.
 * @param names options to be looked for in the environment. Default: all.
 */
export function layersHere(
  { env, config }: { env: NodeJS.ProcessEnv; config: Config | undefined },
  names: readonly RunOptionName[] = RUN_OPTION_NAMES,
): Layer[] {
  const environment = environmentLayer(env, names);
  return config ? [environment, configLayer(config)] : [environment];
}

/** What the config file says about a run. */
function configLayer(config: Config): Layer {
  return { values: config.run, nameOf: (option) => `run.${option} in ${config.path}` };
}

/** `ORCH_CONCURRENCY` and the like; an empty one says nothing. */
function environmentLayer(env: NodeJS.ProcessEnv, names: readonly RunOptionName[]): Layer {
  const nameOf = (option: RunOptionName) => `ORCH_${kebab(option).replaceAll('-', '_').toUpperCase()}`;
  const values: Layer['values'] = {};
  for (const option of names) {
    const text = env[nameOf(option)];
    if (text) Object.assign(values, { [option]: parseOption(option, text, nameOf(option)) });
  }
  return { values, nameOf };
}
