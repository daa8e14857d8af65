export const LIMIT_NAMES = ['requests', 'inputTokens', 'outputTokens'] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** As people call them. */
export const LIMIT_WORDS = {
  requests: 'requests',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
} as const satisfies Record<LimitName, string>;
