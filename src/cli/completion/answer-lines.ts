import { padded, width } from '../width.ts';
import type { Answer, Candidate } from './candidates.ts';
import { quotedFor, type ShellLine } from './shell-words.ts';

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/**
 * What the script of a shell is told: `files`, `folders`, or `values` and a candidate a line, in the words of that shell. Nothing where there
 * is nothing to offer.
 * @param before what stands before the candidates in their word: `--store=`. @param line how bash sees the line.
 */
export function answerLines(answer: Answer, shell: Shell, before: string, line?: ShellLine): string[] {
  if (answer === 'files' || answer === 'folders') {
    // Shells know where a file's name begins behind an equals sign alone.
    return before === '' || before.endsWith('=') ? [answer] : [];
  }
  if (answer.length === 0) return [];
  const candidates = answer.map(({ value, help }) => ({ value: before + value, help }));
  return ['values', ...linesFor(shell, candidates, line)];
}

function linesFor(shell: Shell, candidates: Candidate[], line: ShellLine | undefined): string[] {
  switch (shell) {
    case 'bash':
      return candidates.map(({ value }) => quotedFor(line?.quote ?? '', value.slice(line?.keeps ?? 0)));
    case 'zsh': {
      const columns = Math.max(...candidates.map(({ value }) => width(value)));
      return candidates.map(({ value, help }) => `${value}\t${padded(value, columns)}  ${help}`.trimEnd());
    }
    default:
      return candidates.map(({ value, help }) => (help === '' ? value : `${value}\t${help}`));
  }
}
