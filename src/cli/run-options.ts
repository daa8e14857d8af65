import { duration, fraction, type Parser, someText, timeLimit, usage, wholeNumber } from './values.ts';

/** What `orch run` can be told, by flag, environment or config file. Times are milliseconds. */
export interface RunSettings {
  concurrency?: number;
  limit?: number;
  stay?: boolean;
  maxDuration?: number;
  pauseBetween?: number;
  model?: string;
  maxTokens?: number;
  exec?: string;
  simulate?: boolean;
  taskTimeout?: number;
  check?: string;
  judge?: boolean;
  verifierModel?: string;
  minConfidence?: number;
  noVerify?: boolean;
  maxAttempts?: number;
  noRetry?: boolean;
  maxFailures?: number;
  maxIterations?: number;
}

export type RunOptionName = keyof RunSettings;

/** One option; without a `parse` it is a switch. */
interface RunOption<T> {
  group: string;
  short?: string;
  value?: string;
  help: string;
  parse?: Parser<T>;
}

const [pace, work, proof, tries, safety] = [
  'How much at once:',
  'Who does the work:',
  'What verifies it:',
  'How often a task is tried:',
  'When the run stops itself:',
];

/** Every option of a run that the three sources share, in the order of the help. */
export const RUN_OPTIONS: { [K in RunOptionName]-?: RunOption<NonNullable<RunSettings[K]>> } = {
  concurrency: {
    group: pace!,
    short: '-j',
    value: '<n>',
    help: 'tasks at once (default 4)',
    parse: wholeNumber(1),
  },
  limit: { group: pace!, value: '<n>', help: 'start at most n tasks', parse: wholeNumber(1) },
  stay: { group: pace!, help: 'wait for more tasks when all are done' },
  pauseBetween: { group: pace!, value: '<time>', help: 'pause after each task', parse: duration },
  model: { group: work!, value: '<name>', help: 'the Claude model', parse: someText },
  maxTokens: { group: work!, value: '<n>', help: 'longest answer, thinking included', parse: wholeNumber(1) },
  exec: {
    group: work!,
    value: '<command>',
    help: 'a command instead: description in, result out',
    parse: someText,
  },
  simulate: { group: work!, help: 'rehearse on a copy: no key, no network' },
  taskTimeout: { group: work!, value: '<time>', help: 'longest execution (default 10m)', parse: timeLimit },
  check: {
    group: proof!,
    value: '<command>',
    help: 'a command that must accept the result',
    parse: someText,
  },
  judge: { group: proof!, help: 'let Claude judge what --exec gave' },
  verifierModel: { group: proof!, value: '<name>', help: "the judge's model", parse: someText },
  minConfidence: {
    group: proof!,
    value: '<0..1>',
    help: 'surest enough verdict (default 0.7)',
    parse: fraction,
  },
  noVerify: { group: proof!, help: 'take every result as it is' },
  maxAttempts: { group: tries!, value: '<n>', help: 'attempts a task (default 3)', parse: wholeNumber(1) },
  noRetry: { group: tries!, help: 'the first rejection or failure ends a task' },
  maxFailures: {
    group: safety!,
    value: '<n>',
    help: 'failed tasks in a row (default 10)',
    parse: wholeNumber(1),
  },
  maxIterations: { group: safety!, value: '<n>', help: 'attempts in all', parse: wholeNumber(1) },
  maxDuration: { group: safety!, value: '<time>', help: 'time in all', parse: timeLimit },
};

export const RUN_OPTION_NAMES = Object.keys(RUN_OPTIONS) as RunOptionName[];

/** Pairs of which one leaves the other nothing to say. */
const CONTRADICTIONS: [RunOptionName, RunOptionName][] = [
  ['exec', 'simulate'],
  ['exec', 'model'],
  ['exec', 'maxTokens'],
  ['simulate', 'model'],
  ['simulate', 'maxTokens'],
  ['simulate', 'taskTimeout'],
  ['simulate', 'check'],
  ['simulate', 'judge'],
  ['simulate', 'verifierModel'],
  ['simulate', 'stay'],
  ['noVerify', 'check'],
  ['noVerify', 'judge'],
  ['noVerify', 'verifierModel'],
  ['noVerify', 'minConfidence'],
  ['noRetry', 'maxAttempts'],
  ['limit', 'stay'],
];

/** The settings of one source, as they were written there. */
export interface Layer {
  /** How an error calls the option: `--exec`, `ORCH_EXEC`, `run.exec in orch.config.json`. */
  nameOf(option: RunOptionName): string;
  values: Partial<Record<RunOptionName, string | true>>;
}

/**
 * One set of settings from several sources, the first of which wins. What contradicts a stronger source is left out;
 * a contradiction within one source is a usage error.
 */
export function resolveRunSettings(layers: Layer[]): RunSettings {
  const settings: RunSettings = {};
  for (const layer of layers) {
    refuseContradictions(layer);
    const stronger = new Set(Object.keys(settings));
    for (const option of RUN_OPTION_NAMES) {
      const text = layer.values[option];
      if (text === undefined) continue;
      const value = parseOption(option, text, layer.nameOf(option));
      const overruled = opponents(option).some((other) => stronger.has(other));
      if (!stronger.has(option) && !overruled) Object.assign(settings, { [option]: value });
    }
  }
  return settings;
}

function parseOption(option: RunOptionName, text: string | true, name: string): unknown {
  const { parse } = RUN_OPTIONS[option];
  return text === true || !parse ? true : parse(text, name);
}

function refuseContradictions({ values, nameOf }: Layer): void {
  for (const [one, other] of CONTRADICTIONS) {
    if (values[one] === undefined || values[other] === undefined) continue;
    throw usage(`${nameOf(one)} and ${nameOf(other)} contradict each other; give one of them`);
  }
}

function opponents(option: RunOptionName): RunOptionName[] {
  return CONTRADICTIONS.flatMap(([a, b]) => (a === option ? [b] : b === option ? [a] : []));
}

/** `maxAttempts` -> `max-attempts` */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
