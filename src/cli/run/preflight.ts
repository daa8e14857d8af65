import { findCredentials } from '../../claude/credentials.ts';
import type { LookUpModel, ModelFacts, ModelFinding } from '../../claude/look-up-model.ts';
import { DEFAULT_MODEL } from '../../claude/models.ts';
import type { Counts } from '../../model/task.ts';
import type { Context } from '../context.ts';
import { note } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { safeText } from '../safe-text.ts';
import { usage } from '../values.ts';
import { requireRoomOf } from './longest-answers.ts';
import { isJudged, needsClaude } from './parts.ts';

/** Longest that the run waits for it; what is not known by then is left to the first call. */
const TIMEOUT_MS = 10_000;

/** A model that the run may ask, and the option that names it. */
export interface ModelUse {
  model: string;
  option: '--model' | '--escalate' | '--verifier-model';
}

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
  const findings = await askAll(modelUses(settings), createModelLookUp(TIMEOUT_MS));
  for (const [use, finding] of findings) refuse(use, finding, settings);
  for (const [use, finding] of findings) if ('facts' in finding) warn(use, finding.facts);
  const unclear = findings.map(([, finding]) => finding).find((finding) => 'unclear' in finding);
  if (unclear) say(`The models could not be checked, and the run goes on: ${unclear.unclear}`);
}

/** Each model once, with the first option that names it. */
export function modelUses(settings: RunSettings): ModelUse[] {
  const { exec, model, escalate = [], verifierModel } = settings;
  const uses: ModelUse[] = [];
  if (exec === undefined) {
    uses.push({ model: model ?? DEFAULT_MODEL, option: '--model' });
    uses.push(...escalate.map((each): ModelUse => ({ model: each, option: '--escalate' })));
  }
  if (isJudged(settings)) uses.push({ model: verifierModel ?? DEFAULT_MODEL, option: '--verifier-model' });
  return uses;
}

/** Asks about each model once. */
export async function askAll(uses: ModelUse[], lookUp: LookUpModel): Promise<[ModelUse, ModelFinding][]> {
  const asked = new Map<string, Promise<ModelFinding>>();
  for (const { model } of uses) if (!asked.has(model)) asked.set(model, lookUp(model));
  return Promise.all(
    uses.map(async (use): Promise<[ModelUse, ModelFinding]> => [use, await asked.get(use.model)!]),
  );
}

function refuse({ model, option }: ModelUse, finding: ModelFinding, settings: RunSettings): void {
  if ('refused' in finding) {
    const { refused, message } = finding;
    if (refused === 'access')
      throw usage(`The models cannot be used: ${message}; --no-preflight leaves out this check`);
    throw usage(
      `The API does not know the model ${model}; correct ${option}, or leave out this check with --no-preflight`,
    );
  }
  if (!('facts' in finding)) return;
  const { lifecycle, maxTokens = Infinity, structuredOutputs } = finding.facts;
  if (lifecycle === 'retired') throw usage(`The model ${model} is retired; name another with ${option}`);
  if (option === '--verifier-model') {
    if (structuredOutputs !== false) return;
    throw usage(`The model ${model} cannot be held to the form of a verdict; name another with ${option}`);
  }
  requireRoomOf(model, maxTokens, settings);
}

function warn({ model, option }: ModelUse, { lifecycle, retiresAt }: ModelFacts): void {
  if (lifecycle !== 'deprecated') return;
  const when = retiresAt ? ` on ${retiresAt.slice(0, 10)}` : '';
  noteSafely(`The model ${model} (${option}) will be retired${when}; name a newer one`);
}

/** It repeats what others said. */
function noteSafely(line: string): void {
  note(safeText(line));
}
