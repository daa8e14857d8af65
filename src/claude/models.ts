/** What is asked where nothing else is said. */
export const DEFAULT_MODEL = 'claude-sonnet-5-5';

/** Most tokens of an answer where nothing else is said. Thinking counts, so that a short answer still needs room. */
export const DEFAULT_MAX_TOKENS = 8192;

/** Most tokens that any current model answers with. Source: platform.claude.com/docs, "Models overview", as of November 2026. */
export const LONGEST_ANSWER = 128_000;

/** How much work a model puts into an answer. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** A model's name without its date: `claude-haiku-4-5-20251001` is `claude-haiku-4-5`. */
export function undated(model: string): string {
  return model.replace(/-20\d{6}$/, '');
}

/**
 * Models that refuse `effort`: Haiku 4.5, Sonnet 4.5, and all before Opus 4.5.
 * Source: platform.claude.com/docs, "Effort" and "Models overview", as of November 2026.
 */
const WITHOUT_EFFORT = /^claude-(?:instant|[123]\b|(?:haiku|sonnet)-4-5$|(?:sonnet|opus)-4(?:-[01])?$)/;

/** Whether a request to this model may name an effort. Unknown models are taken for current ones. */
export function takesEffort(model: string): boolean {
  return !WITHOUT_EFFORT.test(undated(model));
}
