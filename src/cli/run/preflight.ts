import { findCredentials } from '../../claude/credentials.ts';
import type { ModelFinding } from '../../claude/look-up-model.ts';
import type { Counts } from '../../model/task.ts';
import type { Context } from '../context.ts';
import { noteFitted } from '../fitted-lines.ts';
import { whileWaiting } from '../progress.ts';
import type { RunSettings } from '../run-options.ts';
import { safeText } from '../safe-text.ts';
import { usage } from '../values.ts';
import { fitness } from './model-fitness.ts';
import { askAll, type ModelUse, modelUses } from './model-uses.ts';
import { needsClaude } from './parts.ts';

/** Longest that the run waits for it; what is not known by then is left to the first call. */
const TIMEOUT_MS = 10_000;

/**
 * Before the first claim, and before any money is spent: says which credentials are used, and asks the API about each
 * model, which costs nothing. What cannot be found out holds nothing up.
 * @throws `usage`: the key is refused, or a model is not there or not fit for its use.
 */
export async function preflight(context: Context, counts: Counts, settings: RunSettings): Promise<void> {
  const isIdle = counts.pending + counts.in_progress === 0 && !settings.stay;
  if (settings.noPreflight || isIdle || !needsClaude(settings)) return;
  const say = context.json || context.quiet ? () => undefined : noteSafely;
  say(`Claude: credentials from ${findCredentials(context.env)?.description}`);
  const { createModelLookUp } = await import('../../claude/look-up-model.ts');
  const findings = await whileWaiting(context, 'asking the API about the models', () =>
    askAll(modelUses(settings), createModelLookUp(TIMEOUT_MS)),
  );
  for (const text of notesOf(findings, settings)) noteSafely(text);
  const unclear = findings.map(([, finding]) => finding).find((finding) => 'unclear' in finding);
  if (unclear) say(`The models could not be checked, and the run goes on: ${unclear.unclear}`);
}

/** Of several findings the first one that is wrong counts. @returns what is to be noted. @throws `usage` */
function notesOf(findings: [ModelUse, ModelFinding][], settings: RunSettings): string[] {
  const notes: string[] = [];
  for (const [use, finding] of findings) {
    if ('refused' in finding && finding.refused === 'access')
      throw usage(`The models cannot be used: ${finding.message}; --no-preflight leaves out this check`);
    const found = fitness(use, finding, settings);
    if (found?.grade === 'wrong') {
      const way = 'refused' in finding ? ', or leave out this check with --no-preflight' : '';
      throw usage(`${found.text}${way}`);
    }
    if (found?.grade === 'note') notes.push(found.text);
  }
  return notes;
}

/** It repeats what others said. */
function noteSafely(line: string): void {
  noteFitted(safeText(line));
}
