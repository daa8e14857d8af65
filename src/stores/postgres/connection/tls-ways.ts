import { codeOf } from './failures.ts';
import type { TlsWay } from './tls.ts';

/** Connects in the first of these ways that the server wants. @throws what `connect` does */
export async function firstWanted<T>(
  ways: readonly TlsWay[],
  connect: (tls: TlsWay) => Promise<T>,
): Promise<T> {
  let refused: unknown;
  for (const tls of ways) {
    try {
      return await connect(tls);
    } catch (error) {
      if (!isUnwanted(error)) throw error;
      refused = error;
    }
  }
  throw refused;
}

/** There is no TLS, or no rule of pg_hba.conf takes connections of this kind. */
function isUnwanted(error: unknown): boolean {
  return codeOf(error) === '28000' || (error instanceof Error && /does not support SSL/.test(error.message));
}
