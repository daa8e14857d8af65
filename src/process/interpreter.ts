import { basename } from 'node:path';
import { simpleCommands } from './simple-commands.ts';

const SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'fish', 'ksh', 'mksh', 'zsh']);
const LANGUAGES = new Set(['node', 'perl', 'php', 'python', 'python3', 'ruby']);

/**
 * The program in a command that takes what it gets on standard input for its script, such as `sh` or `bash -e` or `python3 -`;
 * undefined where none is known to. A description that is given to it is code.
 */
export function interpreterIn(command: string): string | undefined {
  return simpleCommands(command)
    .map(({ words }) => words)
    .find(readsItsScript)
    ?.join(' ');
}

function readsItsScript([program = '', ...rest]: string[]): boolean {
  const name = basename(program);
  if (!SHELLS.has(name) && !LANGUAGES.has(name)) return false;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '-' || word === '-s' || word === '--') return true;
    if (!/^[-+]/.test(word)) return false;
    if (isCode(word, name)) return false;
    // `-o pipefail`, and `-euo pipefail`
    if (SHELLS.has(name) && /^[-+]\w*[oO]$/.test(word)) i++;
  }
  return true;
}

/** The script is another word of the command itself, or what the option says. */
function isCode(option: string, program: string): boolean {
  if (SHELLS.has(program)) return /^-\w*c$|^--version$|^--help$/.test(option);
  return /^-\w*[cemprV]|^--(eval|print|version|help|test|run)/.test(option);
}
