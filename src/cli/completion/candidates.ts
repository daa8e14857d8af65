import { type Argument, type Command, Option } from 'commander';
import { TASK_STATUSES, type Task } from '../../model/task.ts';
import { parseRange } from '../range.ts';
import { oneLine, safeText } from '../safe-text.ts';
import { choicesOf, kindOf } from './kinds.ts';
import type { Known } from './known.ts';
import { optionsOf, type Place } from './place.ts';

/** What a word may become. */
export interface Candidate {
  /** What replaces the word under the cursor, behind what the place has before it. */
  value: string;
  /** What it is, in one line. */
  help: string;
}

/** `files` and `folders` are for the shell to find. */
export type Answer = 'files' | 'folders' | Candidate[];

/** Columns of what a task is. */
const HELP_WIDTH = 60;

export async function answerFor(place: Place, known: Known): Promise<Answer> {
  const { wants, command, word } = place;
  if (wants === 'command') return startingWith(word, commandsOf(command));
  if (wants === 'flag') return startingWith(word, flagsOf(place));
  const kind = kindOf(wants);
  if (kind === 'files' || kind === 'folders') return kind;
  if (wants instanceof Option) return inList(word, await valuesOf(wants, place, known));
  const isRange = wants.variadic && kind === 'ids' && word.includes('..');
  const values = isRange ? rangesFrom(word, await known.tasks()) : await valuesOf(wants, place, known);
  return startingWith(
    word,
    values.filter(({ value }) => !place.args.includes(value)),
  );
}

async function valuesOf(taker: Option | Argument, { command }: Place, known: Known): Promise<Candidate[]> {
  switch (kindOf(taker)) {
    case 'ids':
      return (await known.tasks()).map((task) => ({ value: task.id, help: helpOf(task) }));
    case 'tags':
      return tagsOf(await known.tasks());
    case 'statuses':
      return TASK_STATUSES.map(plain);
    case 'models':
      return (await known.models()).map(plain);
    case 'commands':
      return command.parent ? commandsOf(command.parent) : [];
    default:
      return choicesOf(taker).map(plain);
  }
}

function commandsOf(program: Command): Candidate[] {
  const helper = program.createHelp();
  return helper.visibleCommands(program).map((command) => ({
    value: command.name(),
    help: helper.subcommandDescription(command),
  }));
}

/** A switch that is on already is left out; what takes a value may be repeatable. */
function flagsOf({ command, given }: Place): Candidate[] {
  const options = optionsOf(command).filter(
    (option) => option.required || option.optional || !given.has(option),
  );
  return options.flatMap(({ long, description }) => (long ? [{ value: long, help: description }] : []));
}

function helpOf({ status, description }: Task): string {
  return `${status}: ${oneLine(description, HELP_WIDTH)}`;
}

function tagsOf(tasks: readonly Task[]): Candidate[] {
  const tags = new Set(tasks.flatMap((task) => task.tags ?? []));
  // What a terminal must not be shown, or would end the line, cannot be typed either.
  return [...tags].filter((tag) => safeText(tag) === tag && !/[\n\t]/.test(tag)).map(plain);
}

function plain(value: string): Candidate {
  return { value, help: '' };
}

/** `task-003..` goes on to each later task of the same form. */
function rangesFrom(word: string, tasks: readonly Task[]): Candidate[] {
  const start = word.slice(0, word.lastIndexOf('..') + 2);
  const ends = tasks.filter(({ id }) => isRange(start + id) && start !== `${id}..`);
  return ends.map((task) => ({ value: start + task.id, help: helpOf(task) }));
}

function isRange(text: string): boolean {
  try {
    return parseRange(text) !== undefined;
  } catch {
    return false;
  }
}

/** Options that take several values take them with commas too: what stands before the last one stays, and is not offered again. */
function inList(word: string, candidates: Candidate[]): Candidate[] {
  const before = word.slice(0, word.lastIndexOf(',') + 1);
  const named = before.split(',');
  const left = candidates.filter(({ value }) => !named.includes(value));
  return startingWith(
    word,
    left.map(({ value, help }) => ({ value: before + value, help })),
  );
}

function startingWith(word: string, candidates: Candidate[]): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(word));
}
