/**
 * Money that runs on one store share. Runs whose lives overlap are one pool; what a member spent stays in it when that run has ended. The
 * pool closes when none of them lives. US dollars.
 */
export interface Pool {
  /** What was spent, and what runs that died had set aside: it may have been billed. */
  spentUsd: number;
  /** Set aside for calls that are under way. */
  reservedUsd: number;
  /** The lowest cap of the runs that live; absent when none has one. */
  capUsd?: number;
  /** Something was used whose price is not known: the sum is too low. */
  unpriced?: true;
}

/** What remains of a pool to be set aside. Infinite without a cap. */
export function leftUsd({ spentUsd, reservedUsd, capUsd = Number.POSITIVE_INFINITY }: Pool): number {
  return capUsd - spentUsd - reservedUsd;
}
