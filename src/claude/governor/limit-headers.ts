import { LIMIT_NAMES, type LimitName } from './limit-names.ts';

/** One limit, as an answer tells it. */
export interface LimitNews {
  /** So many a minute. */
  perMinute: number;
  /** What was left when the call arrived, whole units; tokens are rounded to thousands. Absent where it was not told. */
  left?: number;
}

/** The limits of the asked model. One that an answer does not tell, or tells as no number, is absent. */
export type LimitsNews = Partial<Record<LimitName, LimitNews>>;

/**
 * As the API calls them. `tokens` repeats the tightest of the others; `priority-*` and `fast-*` are of tiers that we do not
 * ask for. Source: platform.claude.com/docs, "Rate limits", as of August 2026.
 */
const HEADER_NAMES: Record<LimitName, string> = {
  requests: 'requests',
  inputTokens: 'input-tokens',
  outputTokens: 'output-tokens',
};

/** Reads `anthropic-ratelimit-*`. What cannot be meant is passed over: a limit below 1 a minute, or what is no number. */
export function readLimits(headers: Headers): LimitsNews {
  const news: LimitsNews = {};
  for (const name of LIMIT_NAMES) {
    const perMinute = count(headers, name, 'limit');
    if (perMinute === undefined || perMinute < 1) continue;
    const left = count(headers, name, 'remaining');
    news[name] = left === undefined ? { perMinute } : { perMinute, left: Math.min(left, perMinute) };
  }
  return news;
}

function count(headers: Headers, name: LimitName, what: 'limit' | 'remaining'): number | undefined {
  const text = headers.get(`anthropic-ratelimit-${HEADER_NAMES[name]}-${what}`)?.trim() ?? '';
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
