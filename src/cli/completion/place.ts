import type { Argument, Command, Option } from 'commander';

/** Where the cursor stands in a command line, and what it stands in. */
export interface Place {
  /** The command that the line is for so far: the program itself, until one is named. */
  command: Command;
  /** What is being typed, up to the cursor; without what stands in `before`. */
  word: string;
  /** What comes before it in the same word: `--store=`, `-f`, or nothing. */
  before: string;
  /** What the word is to be; the value of an option or an argument is named by whoever takes it. */
  wants: 'command' | 'flag' | Option | Argument;
  /** Options that were given before, and the last value of each. */
  given: Map<Option, string | undefined>;
  /** Arguments of the command that were given before. */
  args: string[];
}

/** @param words what follows the program's name, as the shell would hand it over; the last one is that under the cursor. */
export function placeOf(program: Command, words: readonly string[]): Place {
  const place: Place = {
    command: program,
    word: words.at(-1) ?? '',
    before: '',
    wants: 'flag',
    given: new Map(),
    args: [],
  };
  let waiting: Option | undefined;
  let isLiteral = false;
  for (const word of words.slice(0, -1)) {
    if (waiting && !(waiting.optional && word.startsWith('-'))) {
      place.given.set(waiting, word);
      waiting = undefined;
    } else if (isLiteral || !isFlag(word)) {
      takeWord(place, word);
    } else if (word === '--') {
      isLiteral = true;
    } else {
      waiting = takeFlag(place, word);
    }
  }
  if (waiting && !(waiting.optional && isFlag(place.word))) place.wants = waiting;
  else if (!isLiteral && isFlag(place.word)) wantFlag(place);
  else place.wants = wantedWord(place);
  return place;
}

/** `-` alone is standard input. */
function isFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function takeWord(place: Place, word: string): void {
  const named = place.command.commands.find((each) => each.name() === word || each.aliases().includes(word));
  if (named) place.command = named;
  else place.args.push(word);
}

/** @returns the option that waits for its value. */
function takeFlag(place: Place, word: string): Option | undefined {
  const { option, value } = flagIn(place, word);
  if (!option) return undefined;
  place.given.set(option, value);
  return takesValue(option) && value === undefined ? option : undefined;
}

interface Flag {
  option?: Option | undefined;
  /** What stands in the same word as the option, and what it stands behind. */
  value?: string;
  before?: string;
}

/** The option of `--limit`, `--limit=3`, `-j`, `-j8` or `-qj8` (its last one). */
function flagIn({ command, given }: Place, word: string): Flag {
  const options = optionsOf(command);
  if (word.startsWith('--')) {
    const at = word.indexOf('=') + 1;
    const name = at === 0 ? word : word.slice(0, at - 1);
    return flagWith(
      options.find(({ long }) => long === name),
      word,
      at,
    );
  }
  for (let at = 2; at <= word.length; at++) {
    const option = options.find(({ short }) => short === `-${word[at - 1]}`);
    if (!option || takesValue(option) || at === word.length) return flagWith(option, word, at);
    given.set(option, undefined);
  }
  return {};
}

/** @param at where its value would begin; the word may end there. */
function flagWith(option: Option | undefined, word: string, at: number): Flag {
  const hasValue = option && (word.startsWith('--') ? at > 0 : at < word.length);
  return hasValue ? { option, value: word.slice(at), before: word.slice(0, at) } : { option };
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function wantFlag(place: Place): void {
  const { option, value, before } = flagIn(place, place.word);
  place.wants = 'flag';
  if (!option || value === undefined || before === undefined) return;
  Object.assign(place, { wants: option, word: value, before });
}

function wantedWord({ command, args }: Place): Place['wants'] {
  if (command.commands.length > 0) return 'command';
  const { registeredArguments: known } = command;
  const last = known.at(-1);
  const argument = known[args.length] ?? (last?.variadic ? last : undefined);
  return argument ?? 'flag';
}

/** Those of the command, and those of all commands. */
export function optionsOf(command: Command): Option[] {
  const helper = command.createHelp();
  const own = helper.visibleOptions(command);
  const ofAll = command.parent ? helper.visibleOptions(command.parent) : [];
  return [...own, ...ofAll.filter(({ long }) => long !== '--help' && long !== '--version')];
}
