import { createHash } from 'node:crypto';

/**
 * Tells prompts apart: 12 hex digits (48 bits) of the SHA-256 of all fixed texts that a model is instructed with. It is
 * kept with what the model gave, so that results of other instructions are not compared as if they were the same.
 */
export function promptHash(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12);
}
