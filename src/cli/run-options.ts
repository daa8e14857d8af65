import { EFFORTS, type Effort, LONGEST_ANSWER } from '../claude/models.ts';
import { modelName, modelNames } from './model-name.ts';
import {
  dollars,
  duration,
  fileEnding,
  fraction,
  names,
  oneOf,
  onOrOff,
  type Parser,
  pattern,
  pointInTime,
  rate,
  someText,
  timeLimit,
  timeOrOff,
  wholeNumber,
} from './values.ts';

/** What `orch run` can be told, by flag, environment or config file. Times are milliseconds. */
export interface RunSettings {
  concurrency?: number;
  limit?: number;
  stay?: boolean;
  /** ISO 8601. */
  untilDue?: string;
  maxDuration?: number;
  pauseBetween?: number;
  model?: string;
  escalate?: string[];
  effort?: Effort;
  maxTokens?: number;
  system?: string;
  retryPrompt?: string;
  exec?: string;
  cwd?: string;
  simulate?: boolean;
  taskTimeout?: number;
  idleTimeout?: number;
  outDir?: string;
  outExt?: string;
  noPreflight?: boolean;
  check?: string;
  checkFile?: string[];
  checkTimeout?: number;
  expect?: string;
  schema?: string;
  criteria?: string;
  judge?: boolean;
  verifierModel?: string;
  verifierEffort?: Effort;
  judgeSystem?: string;
  minConfidence?: number;
  noVerify?: boolean;
  maxAttempts?: number;
  noRetry?: boolean;
  maxFailures?: number;
  maxIterations?: number;
  /** 0 to 1. */
  maxFailureRate?: number;
  /** US dollars. */
  maxCost?: number;
  /** US dollars. */
  maxTaskCost?: number;
  failFast?: boolean;
  junit?: string;
  summary?: string;
  noSummary?: boolean;
  /** 0: never. */
  heartbeat?: number;
}

export type RunOptionName = keyof RunSettings;

/** One option; without a `parse` it is a switch. */
interface RunOption<T> {
  group: string;
  short?: string;
  value?: string;
  help: string;
  /** A path; one in a config file is taken from the file's own folder. */
  isPath?: true;
  parse?: Parser<T>;
  /** Several texts: a flag each, or a list in a config file. `parse` takes them as one text, with commas. */
  isList?: true;
}

const GROUPS = {
  pace: 'How much at once:',
  work: 'Who does the work:',
  proof: 'What verifies it:',
  tries: 'How often a task is tried:',
  safety: 'When the run stops itself:',
  reports: 'What it leaves for others to read:',
} as const;
const { pace, work, proof, tries, safety, reports } = GROUPS;

const EFFORT_HELP = `work put into an answer: ${EFFORTS.join(', ')}`;

/** Every option of a run that the three sources share, in the order of the help. */
export const RUN_OPTIONS: { [K in RunOptionName]-?: RunOption<NonNullable<RunSettings[K]>> } = {
  concurrency: {
    group: pace,
    short: '-j',
    value: '<n>',
    help: 'tasks at once (default 4)',
    parse: wholeNumber(1),
  },
  limit: { group: pace, value: '<n>', help: 'start at most n tasks', parse: wholeNumber(1) },
  stay: { group: pace, help: 'wait for more tasks when all are done' },
  untilDue: {
    group: pace,
    value: '<time>',
    help: 'wait for tasks that are due by then: 2h, or a time',
    parse: pointInTime,
  },
  pauseBetween: { group: pace, value: '<time>', help: 'pause after each task', parse: duration },
  model: { group: work, value: '<model>', help: 'the Claude model', parse: modelName },
  escalate: {
    group: work,
    value: '<models>',
    help: 'models for after a rejection, a step up each: a,b',
    parse: modelNames,
  },
  effort: { group: work, value: '<level>', help: EFFORT_HELP, parse: oneOf(EFFORTS) },
  maxTokens: {
    group: work,
    value: '<n>',
    help: 'longest answer, thinking included',
    parse: wholeNumber(1, LONGEST_ANSWER),
  },
  system: {
    group: work,
    value: '<file>',
    help: 'the system prompt, instead of our own',
    isPath: true,
    parse: someText,
  },
  retryPrompt: {
    group: work,
    value: '<file>',
    help: 'what a retry is told, instead of our own',
    isPath: true,
    parse: someText,
  },
  exec: {
    group: work,
    value: '<command>',
    help: 'a command instead: description in, result out',
    parse: someText,
  },
  cwd: {
    group: work,
    value: '<folder>',
    help: 'where --exec and all checks run (default: here)',
    isPath: true,
    parse: someText,
  },
  simulate: { group: work, help: 'a simulated model, on a copy: no key, no network' },
  taskTimeout: {
    group: work,
    value: '<time>',
    help: 'longest execution (default 10m)',
    parse: timeLimit,
  },
  idleTimeout: {
    group: work,
    value: '<time>',
    help: 'longest silence of an --exec command',
    parse: timeLimit,
  },
  outDir: {
    group: work,
    value: '<dir>',
    help: 'write each result to <id>.<ext> there',
    isPath: true,
    parse: someText,
  },
  outExt: {
    group: work,
    value: '<ext>',
    help: 'how such a file ends (default txt)',
    parse: fileEnding,
  },
  noPreflight: { group: work, help: 'do not check key and models before the first task' },
  check: {
    group: proof,
    value: '<command>',
    help: 'a command that must accept the result',
    parse: someText,
  },
  checkFile: {
    group: proof,
    value: '<path>',
    help: 'a file that --check uses, which is not to change; repeat it',
    isPath: true,
    isList: true,
    parse: names,
  },
  checkTimeout: { group: proof, value: '<time>', help: 'longest check (default 2m)', parse: timeLimit },
  expect: {
    group: proof,
    value: '<regex>',
    help: 'what must be found in the result; /.../i for flags',
    parse: pattern,
  },
  schema: {
    group: proof,
    value: '<file>',
    help: 'a JSON Schema (2020-12) that the result must fit',
    isPath: true,
    parse: someText,
  },
  criteria: {
    group: proof,
    value: '<text>',
    help: 'what would satisfy a task that does not say it itself',
    parse: someText,
  },
  judge: { group: proof, help: 'let Claude judge what --exec gave' },
  verifierModel: { group: proof, value: '<model>', help: "the judge's model", parse: modelName },
  verifierEffort: {
    group: proof,
    value: '<level>',
    help: "the judge's effort (default low)",
    parse: oneOf(EFFORTS),
  },
  judgeSystem: {
    group: proof,
    value: '<file>',
    help: 'how the judge is to judge, instead of our own',
    isPath: true,
    parse: someText,
  },
  minConfidence: {
    group: proof,
    value: '<0..1>',
    help: 'surest enough verdict (default 0.7)',
    parse: fraction,
  },
  noVerify: { group: proof, help: 'take every result as it is' },
  maxAttempts: {
    group: tries,
    value: '<n>',
    help: 'attempts a task (default 3)',
    parse: wholeNumber(1),
  },
  noRetry: { group: tries, help: 'the first rejection or failure ends a task' },
  maxFailures: {
    group: safety,
    value: '<n>',
    help: 'failed tasks in a row (default 10)',
    parse: wholeNumber(1),
  },
  maxFailureRate: {
    group: safety,
    value: '<0..1>',
    help: 'share of the last 20 tasks that may fail',
    parse: rate,
  },
  maxCost: {
    group: safety,
    value: '<usd>',
    help: 'what overlapping runs on this store may cost together',
    parse: dollars,
  },
  maxTaskCost: { group: safety, value: '<usd>', help: 'what one task may cost', parse: dollars },
  maxIterations: { group: safety, value: '<n>', help: 'attempts in all', parse: wholeNumber(1) },
  maxDuration: {
    group: safety,
    value: '<time>',
    help: 'starts nothing after this; what runs may finish',
    parse: timeLimit,
  },
  failFast: { group: safety, help: 'the first task that fails is the last; what runs may finish' },
  junit: {
    group: reports,
    value: '<file>',
    help: 'JUnit XML, a test case for each task',
    isPath: true,
    parse: someText,
  },
  summary: {
    group: reports,
    value: '<file>',
    help: 'Markdown for people (default: $GITHUB_STEP_SUMMARY)',
    isPath: true,
    parse: someText,
  },
  noSummary: { group: reports, help: 'nothing for $GITHUB_STEP_SUMMARY' },
  heartbeat: {
    group: reports,
    value: '<time>',
    help: 'a line after so long a silence where nobody watches (default 1m; off)',
    parse: timeOrOff,
  },
};

export const RUN_OPTION_NAMES = Object.keys(RUN_OPTIONS) as RunOptionName[];

/** The value that a text means for an option. @throws `usage`, which calls the option `name` */
export function parseOption(option: RunOptionName, text: string, name: string): unknown {
  const { parse = onOrOff } = RUN_OPTIONS[option];
  return parse(text, name);
}

/** `maxAttempts` -> `max-attempts` */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
