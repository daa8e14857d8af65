import { isBinary, outputBytes } from '../../model/encoding.ts';
import type { Attempt } from '../../model/task.ts';
import { count, took, usageLine } from '../format.ts';
import { oneLine } from '../safe-text.ts';
import { verdictTexts } from '../verdict-texts.ts';
import { type AttemptStoryOptions, heading } from './attempt-heading.ts';
import { excerpt } from './excerpt.ts';
import { capital } from './spoken.ts';
import { verdictSentence } from './verdict-words.ts';

/** What was done at one attempt, what was wrong with it, and what came of it. */
export function attemptStory(attempt: Attempt, options: AttemptStoryOptions): string[] {
  const { lines, whole } = options;
  const quoted = (text: string) => excerpt(text, { indent: '    ', lines, whole });
  const verdict = verdictSentence(attempt);
  const outcome = outcomeSentence(attempt, options);
  return [
    ...beginningLines(options, quoted),
    heading(attempt, options),
    ...said(workSentence(attempt, options)),
    ...said(attempt.usage && `It used ${usageLine(attempt.usage)}.`),
    ...said(resumedSentence(attempt, options)),
    ...said(verdict),
    ...verdictTexts(attempt.verdict).flatMap(quoted),
    ...said(outcome),
    ...(attempt.error === undefined || isExplained(attempt) ? [] : quoted(attempt.error)),
    ...outputLines(attempt, quoted),
  ];
}

function said(sentence: string | undefined): string[] {
  return sentence === undefined ? [] : [`  ${sentence}`];
}

function beginningLines(
  { beginning, feedback }: AttemptStoryOptions,
  quoted: (text: string) => string[],
): string[] {
  if (beginning === 'reset') return ['Then the task was started over.', ''];
  if (beginning === 'verify')
    return ['Then it was given one more round: what it gave was there already, and only verified again.', ''];
  if (beginning !== 'retry') return [];
  if (feedback === undefined)
    return ['Then it was given one more round, told what had been wrong before.', ''];
  return ['Then it was given one more round, and told:', ...quoted(feedback), ''];
}

/** Who did it, and how long it took, verdict included. */
function workSentence(attempt: Attempt, { before, beginning }: AttemptStoryOptions): string | undefined {
  if (beginning === 'audit' || beginning === 'verify') return undefined;
  const { startedAt, endedAt, metadata = {}, outcome, output, run } = attempt;
  if (outcome === undefined) return `${oneLine(run)} ${output === undefined ? 'works on it' : 'did it'}.`;
  const duration =
    endedAt === undefined || attempt.resumedBy !== undefined
      ? undefined
      : took(Date.parse(endedAt) - Date.parse(startedAt));
  const who = doer(metadata);
  if (who === undefined) return duration && `It took ${duration}.`;
  const isTold = beginning === undefined && (before?.outcome === 'rejected' || before?.outcome === 'failed');
  const start = isTold
    ? `Told what was wrong, ${who}`
    : typeof metadata.model === 'string'
      ? who
      : capital(who);
  return `${start} did it${isTold ? ' again' : ''}${insteadOf(before, metadata.model)}${duration === undefined ? '' : ` in ${duration}`}.`;
}

function doer(metadata: Record<string, unknown>): string | undefined {
  if (typeof metadata.model === 'string') return oneLine(metadata.model);
  if (metadata.simulated === true) return 'a simulated model';
  return metadata.exitStatus !== undefined || metadata.signal !== undefined ? 'the command' : undefined;
}

/** While it is open, what it waits for says so. */
function resumedSentence({ resumedBy, outcome }: Attempt, { beginning }: AttemptStoryOptions) {
  if (resumedBy === undefined || outcome === undefined || beginning === 'verify') return undefined;
  return `Its output was there already when ${oneLine(resumedBy)} went on with its verification: it was not done again.`;
}

/** Escalation, for one. */
function insteadOf(before: Attempt | undefined, model: unknown): string {
  const last = before?.metadata?.model;
  if (typeof last !== 'string' || typeof model !== 'string' || last === model) return '';
  return `, instead of ${oneLine(last)},`;
}

/** Ways in which an attempt is cut short that have a name of their own. */
const CUTS: Record<string, string> = {
  reset: 'It was cut short when the task was reset.',
  edited: 'It was given for another description: the task was edited, and the output dropped.',
  cancelled: 'Somebody cancelled the task.',
  imported: 'It was under way where the task was exported from.',
  aborted: 'Its run was stopped.',
  'its runner died': 'Its run died with it: a crash.',
};

function isExplained({ outcome, error = '' }: Attempt): boolean {
  return outcome === 'interrupted' && CUTS[error] !== undefined;
}

function outcomeSentence(attempt: Attempt, options: AttemptStoryOptions): string | undefined {
  const { outcome, verdict, output, error, run } = attempt;
  const { holder, isLeft } = options;
  switch (outcome) {
    case 'passed':
      return verdict ? undefined : 'Nothing verified it.';
    case 'rejected':
      return undefined;
    case 'failed':
      return 'It failed by itself:';
    case 'unverifiable':
      return `${judgeOf(attempt)} could not tell whether it is right, so it is neither passed nor rejected:`;
    case 'interrupted':
      return CUTS[error ?? ''] ?? (error === undefined ? 'It was cut short.' : 'It was cut short:');
    default:
      if (output === undefined) return undefined;
      if (holder === undefined || isLeft)
        return 'The next run goes on with its verification, and does not do it again.';
      if (holder === run) return 'It is being verified.';
      return `${oneLine(holder)} goes on with its verification, and does not do it again.`;
  }
}

function judgeOf({ judge }: Attempt): string {
  return typeof judge?.model === 'string' ? `The judge (${oneLine(judge.model)})` : 'What verifies it';
}

function outputLines({ output, metadata }: Attempt, quoted: (text: string) => string[]): string[] {
  if (output === undefined) return [];
  return ['  It gave:', ...quoted(readable(output, metadata))];
}

export function readable(output: string, metadata: Attempt['metadata']): string {
  if (!isBinary(metadata)) return output;
  return `${count(outputBytes(output, metadata).length, 'byte')} that are no text`;
}
