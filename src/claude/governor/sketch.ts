import type { ClaudeRequest } from '../ask.ts';
import { textsOf } from '../texts.ts';
import type { CallSketch } from './governor.ts';

/** What the governor has to know of a request. */
export function sketchOf(request: ClaudeRequest): CallSketch {
  const { model, maxTokens } = request;
  return { model, maxTokens, characters: textsOf(request).reduce((sum, { length }) => sum + length, 0) };
}
