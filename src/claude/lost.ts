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

/** A gateway, or the API, gave up on a call that may have been answered all the same; 520 and 524 are Cloudflare's. */
const GIVEN_UP: ReadonlySet<number | undefined> = new Set([408, 499, 500, 502, 504, 520, 524]);

/**
 * Whether a call that threw may have been answered, and billed, all the same: it went out, and no answer came back. What ends a run at once
 * (no key, a bad address) never went out.
 */
export function isLost(error: unknown, { kind }: Failure): boolean {
  const { status, tokenStatus, causeCode } = thrownFacts(error);
  if (tokenStatus !== undefined || kind === 'fatal' || NEVER_SENT.has(causeCode)) return false;
  return status === undefined || GIVEN_UP.has(status);
}
