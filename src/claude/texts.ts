import type { ClaudeRequest } from './ask.ts';

/** All that a request says to the model, as far as we write it. */
export function textsOf({ system = '', content, schema }: ClaudeRequest): string[] {
  return [system, content, schema ? JSON.stringify(schema) : ''];
}

/** Bytes of all that. */
export function promptBytes(request: ClaudeRequest): number {
  return textsOf(request).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
