import { undated } from './models.ts';

/** Bytes of UTF-8 to a token, by which lengths are estimated. English has about four characters to one; newer models count more tokens. */
const BYTES_PER_TOKEN = 4;

/**
 * Whether the beginning of a prompt, which is the same from call to call, is long enough to be cached by this model. The
 * estimate is low rather than high: a mark below the minimum is passed over in silence, and one too few costs what no
 * cache costs. Writing costs a quarter more than reading afresh, each later read within five minutes a tenth or less, so
 * that it pays from the second call on.
 */
export function paysToCache(model: string, beginning: string): boolean {
  return Math.floor(Buffer.byteLength(beginning) / BYTES_PER_TOKEN) >= leastTokens(model);
}

/**
 * Fewest tokens that are cached. Sources: platform.claude.com/docs, "Prompt caching", and for the 5.5 models OpenRouter's
 * guide to it, as of November 2026. Models that are not known here: as most.
 */
function leastTokens(model: string): number {
  const name = undated(model);
  if (/^claude-(?:haiku-4-5|opus-4-[56])$/.test(name)) return 4096;
  if (/^claude-(?:(?:fable|mythos|opus)-5|\w+-5-5)\b/.test(name)) return 512;
  return 1024;
}
