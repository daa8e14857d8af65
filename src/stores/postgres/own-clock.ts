import { isoTime } from '../../model/clock.ts';
import type { ClaimAnswer } from '../../ports/task-store.ts';

/** Who waits for a time waits by this machine's clock. */
export function byOwnClock(answer: ClaimAnswer, aheadMs: number): ClaimAnswer {
  if (answer.task || aheadMs === 0) return answer;
  const shifted = (time: string) => isoTime(Date.parse(time) + aheadMs);
  const { leaseEndsAt, dueAt } = answer;
  return {
    ...answer,
    ...(leaseEndsAt !== undefined && { leaseEndsAt: shifted(leaseEndsAt) }),
    ...(dueAt !== undefined && { dueAt: shifted(dueAt) }),
  };
}
