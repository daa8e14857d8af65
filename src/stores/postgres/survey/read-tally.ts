import type { Counts } from '../../../model/task.ts';
import type { Usage } from '../../../model/usage.ts';
import type { Session } from '../connection/database.ts';
import { ms, type Names } from '../tables/names.ts';
import { type TallyColumn, tallySums } from '../tables/tally.ts';

/** The sums over all tasks. */
export interface Tally {
  /** By the database's clock, in milliseconds since the epoch. */
  at: number;
  counts: Counts;
  unverified: number;
  retried: number;
  usage: Usage | undefined;
}

export async function readTally(session: Session, names: Names): Promise<Tally> {
  const [row] = await session.query<Record<TallyColumn | 'at', number>>(
    `SELECT ${ms(names.now)} AS at, ${tallySums()} FROM ${names.tally}`,
  );
  if (!row) throw new Error('a sum has one row');
  const { at, pending, in_progress, completed, failed, blocked, unverified, retried } = row;
  const total = pending + in_progress + completed + failed;
  const counts = { pending, in_progress, completed, failed, blocked, total };
  return { at, counts, unverified, retried, usage: usageIn(row) };
}

/** As `addUsage` sums it up: what of a price is not known is not known of the sum. */
function usageIn(row: Record<TallyColumn, number>): Usage | undefined {
  if (row.used === 0) return undefined;
  return {
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    ...(row.cache_read_tokens > 0 && { cacheReadTokens: row.cache_read_tokens }),
    ...(row.cache_write_tokens > 0 && { cacheWriteTokens: row.cache_write_tokens }),
    ...(row.unpriced === 0 && { costUsd: row.cost_usd }),
    ...(row.possible_usd > 0 && { possibleUsd: row.possible_usd }),
  };
}
