import type { LookUpModel, ModelFinding } from '../../claude/look-up-model.ts';
import { DEFAULT_MODEL } from '../../claude/models.ts';
import type { RunSettings } from '../run-options.ts';
import { isJudged } from './parts.ts';

/** A model that the run may ask, and the option that names it. */
export interface ModelUse {
  model: string;
  option: '--model' | '--escalate' | '--verifier-model';
}

/** Each model that the run may ask, by each option that names it. */
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
