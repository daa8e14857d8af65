import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, longestAnswer } from '../../claude/models.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

/** Before anything is asked. @throws `usage`: a model that may do tasks has shorter answers than --max-tokens. */
export function requireRoom(settings: RunSettings): void {
  const { exec, simulate, model = DEFAULT_MODEL, escalate = [] } = settings;
  if (simulate || exec !== undefined) return;
  for (const each of [model, ...escalate]) {
    const lack = lackOfRoom(each, longestAnswer(each), settings);
    if (lack !== undefined) throw usage(lack);
  }
}

/** @param most tokens of the model's answers. @returns what is wrong; undefined where they are as long as --max-tokens. */
export function lackOfRoom(
  model: string,
  most: number,
  { maxTokens = DEFAULT_MAX_TOKENS }: RunSettings,
): string | undefined {
  if (maxTokens <= most) return undefined;
  return `The model ${model} answers with at most ${most} tokens; lower --max-tokens, which is ${maxTokens}`;
}
