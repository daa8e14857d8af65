import type { ClaudeRequest } from '../ask.ts';
import type { CallSketch } from './governor.ts';

/** What the governor has to know of a request. */
export function sketchOf({ model, maxTokens, system = '', content, schema }: ClaudeRequest): CallSketch {
  const schemaText = schema ? JSON.stringify(schema) : '';
  return { model, maxTokens, characters: system.length + content.length + schemaText.length };
}
