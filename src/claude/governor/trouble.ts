import { thrownFacts } from '../thrown.ts';

/**
 * What a failed call says about the pace:
 * - `overload`: the API is overloaded or not available for now, or it could not be reached
 * - `ramp`: use grows too fast
 */
type Trouble = 'overload' | 'ramp';

const UNREACHED = new Set(['APIConnectionError', 'APIConnectionTimeoutError']);

/** Undefined: nothing. Source of the codes: as in `classify`. */
export function troubleOf(error: unknown): Trouble | undefined {
  const { code, type, status = 0, name } = thrownFacts(error);
  if (code === 'ramp_limit_exceeded') return 'ramp';
  if (type === 'overloaded_error' || status === 529 || status === 503) return 'overload';
  return UNREACHED.has(name) ? 'overload' : undefined;
}
