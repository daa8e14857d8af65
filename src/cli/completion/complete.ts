import type { Command } from 'commander';
import { answerLines, type Shell } from './answer-lines.ts';
import { answerFor } from './candidates.ts';
import { knownTo } from './known.ts';
import { placeOf } from './place.ts';
import { shellLine } from './shell-words.ts';

/** @param words those behind `orch`, up to the cursor; of bash the line as a whole. @returns the lines for the shell's script. */
export async function complete(
  program: Command,
  shell: Shell,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const line = shell === 'bash' ? shellLine(words[0] ?? '', env.COMP_WORDBREAKS) : undefined;
  const place = placeOf(program, line ? line.words.slice(1) : plainWords(words, shell));
  return answerLines(await answerFor(place, knownTo(place, env)), shell, place.before, line);
}

/** Fish and PowerShell hand over the word under the cursor as it is typed, quotes and all. */
function plainWords(words: readonly string[], shell: Shell): readonly string[] {
  if (shell !== 'fish' && shell !== 'powershell') return words;
  const last = words.at(-1) ?? '';
  const typed = shell === 'powershell' ? last.replace(/^=/, '') : last;
  return [...words.slice(0, -1), shellLine(typed).words.join(' ')];
}
