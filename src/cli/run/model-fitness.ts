import type { ModelFinding } from '../../claude/look-up-model.ts';
import type { RunSettings } from '../run-options.ts';
import { lackOfRoom } from './longest-answers.ts';
import type { ModelUse } from './model-uses.ts';

/** Whether a model can do what it is to do, in a sentence. `note`: for now. `wrong`: no call would be of use. */
export interface Fitness {
  grade: 'fine' | 'note' | 'wrong';
  text: string;
}

/** What a run goes by, and what `orch doctor` lists. @returns undefined where the finding is about the API, and tells nothing of the model. */
export function fitness(
  { model, option }: ModelUse,
  finding: ModelFinding,
  settings: RunSettings,
): Fitness | undefined {
  if ('unclear' in finding) return undefined;
  if ('refused' in finding) {
    if (finding.refused === 'access') return undefined;
    return wrong(`The API does not know the model ${model}; correct ${option}`);
  }
  const { lifecycle, retiresAt, maxTokens = Infinity, structuredOutputs } = finding.facts;
  if (lifecycle === 'retired') return wrong(`The model ${model} is retired; name another with ${option}`);
  if (option === '--verifier-model') {
    if (structuredOutputs === false)
      return wrong(`The model ${model} cannot be held to the form of a verdict; name another with ${option}`);
  } else {
    const lack = lackOfRoom(model, maxTokens, settings);
    if (lack !== undefined) return wrong(lack);
  }
  if (lifecycle !== 'deprecated') return { grade: 'fine', text: `The model ${model} (${option}) is there` };
  const when = retiresAt ? ` on ${retiresAt.slice(0, 10)}` : '';
  return {
    grade: 'note',
    text: `The model ${model} (${option}) will be retired${when}; name a newer one`,
  };
}

function wrong(text: string): Fitness {
  return { grade: 'wrong', text };
}
