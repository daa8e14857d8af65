/** One of the commands that a shell command is put together of. */
export interface SimpleCommand {
  /** Its words, without variables that are set for it, redirections, and words such as `exec` that only start another command. */
  words: string[];
  /** What stands behind it: `|`, `&&`, `;` and the like; empty at the end. */
  end: string;
}

/** By turns: a redirection, a word with its quotes, an operator. */
const TOKENS =
  /\d*(?:<<-?|>>|[<>])&?\s*[^\s|;&()<>]*|((?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s|;&()<>'"\\])+)|(\|\||&&|[|;&\n()])/gs;

const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const STARTERS = new Set(['exec', 'env', 'nohup', 'command', 'time', 'nice', 'setsid', '!']);

/** The commands of a shell command, in their order, as far as they can be told without a shell: substitutions stay in their words. */
export function simpleCommands(command: string): SimpleCommand[] {
  const found: SimpleCommand[] = [];
  let words: string[] = [];
  const finish = (end: string) => {
    const own = withoutStarters(words);
    if (own.length > 0) found.push({ words: own, end });
    words = [];
  };
  for (const [, word, operator] of command.matchAll(TOKENS)) {
    if (word !== undefined) words.push(word);
    else if (operator !== undefined) finish(operator);
  }
  finish('');
  return found;
}

function withoutStarters(words: string[]): string[] {
  let from = 0;
  let isBehindStarter = false;
  for (; from < words.length; from++) {
    const word = words[from] ?? '';
    const isStarter = STARTERS.has(word);
    if (!isStarter && !ASSIGNMENT.test(word) && !(isBehindStarter && word.startsWith('-'))) break;
    isBehindStarter ||= isStarter;
  }
  return words.slice(from);
}
