/** What is asked where nothing else is said. */
export const DEFAULT_MODEL = 'claude-sonnet-5-5';

/** Most tokens of an answer where nothing else is said. Thinking counts, so that a short answer still needs room. */
export const DEFAULT_MAX_TOKENS = 8192;

/** Most tokens that any current model answers with. Source: platform.claude.com/docs, "Models overview", as of November 2026. */
export const LONGEST_ANSWER = 128_000;

/** The same source, by model. */
const WITH_SHORTER_ANSWERS = /^claude-(?:opus|sonnet|haiku)-4-5$/;
const SHORTER_ANSWER = 64_000;

/** Most tokens that this model answers with. Unknown models are taken for current ones. */
export function longestAnswer(model: string): number {
  return WITH_SHORTER_ANSWERS.test(undated(model)) ? SHORTER_ANSWER : LONGEST_ANSWER;
}

/**
 * Longest answer that is asked for in one piece. The SDK refuses longer ones, since the connection might be cut while
 * nothing comes: a sixth of 128,000, by its rate of 128,000 tokens an hour and its limit of 10 minutes.
 */
const LONGEST_IN_ONE_PIECE = 21_333;

/** Whether an answer of up to so many tokens must be streamed. */
export function mustStream(maxTokens: number): boolean {
  return maxTokens > LONGEST_IN_ONE_PIECE;
}

/** How much work a model puts into an answer. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** A model's name without its date: `claude-haiku-4-5-20251001` is `claude-haiku-4-5`. */
export function undated(model: string): string {
  return model.replace(/-20\d{6}$/, '');
}

/**
 * Models that refuse `effort`: Haiku 4.5, Sonnet 4.5, and all before Opus 4.5. `xhigh` came with Opus 4.7 and Sonnet 5, `max` with
 * the 4.6 models. Source: platform.claude.com/docs, "Effort" and "Models overview", as of November 2026.
 */
const WITHOUT_EFFORT = /^claude-(?:instant|[123]\b|(?:haiku|sonnet)-4-5$|(?:sonnet|opus)-4(?:-[01])?$)/;
const WITHOUT_XHIGH = /^claude-(?:opus-4-[56]|sonnet-4-6|mythos-preview)$/;
const WITHOUT_MAX = /^claude-opus-4-5$/;

/**
 * The effort that a request to this model may name: the one that is wanted, or the next lower one that it takes; undefined
 * where it takes none. Unknown models are taken for current ones.
 */
export function effortFor(model: string, wanted: Effort): Effort | undefined {
  const name = undated(model);
  if (WITHOUT_EFFORT.test(name)) return undefined;
  const tooHigh = wanted === 'xhigh' ? WITHOUT_XHIGH : wanted === 'max' ? WITHOUT_MAX : undefined;
  return tooHigh?.test(name) ? 'high' : wanted;
}
