import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, longestAnswer } from '../../claude/models.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

/** Before anything is asked. @throws `usage`: a model that may do tasks has shorter answers than --max-tokens. */
export function requireRoom(settings: RunSettings): void {
  const { exec, simulate, model = DEFAULT_MODEL, escalate = [] } = settings;
  if (simulate || exec !== undefined) return;
  for (const each of [model, ...escalate]) requireRoomOf(each, longestAnswer(each), settings);
}

/** @param most tokens of the model's answers. @throws `usage` */
export function requireRoomOf(
  model: string,
  most: number,
  { maxTokens = DEFAULT_MAX_TOKENS }: RunSettings,
): void {
  if (maxTokens <= most) return;
  throw usage(
    `The model ${model} answers with at most ${most} tokens; lower --max-tokens, which is ${maxTokens}`,
  );
}
