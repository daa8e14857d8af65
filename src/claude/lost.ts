import type { Failure } from '../model/failure.ts';
import { thrownFacts } from './thrown.ts';

/** Nobody took the connection. */
const NEVER_SENT: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Whether a call that threw may have been answered, and billed, all the same: it went out, and no answer came back. What ends a run at once
 * (no key, a bad address) never went out.
 */
export function isLost(error: unknown, { kind }: Failure): boolean {
  const { status, tokenStatus, causeCode } = thrownFacts(error);
  return status === undefined && tokenStatus === undefined && kind !== 'fatal' && !NEVER_SENT.has(causeCode);
}
