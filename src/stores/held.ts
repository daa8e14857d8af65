import type { Task } from '../model/task.ts';
import type { Moment } from './moment.ts';

/** Whether a live run has the task. Without a lease, as a person or the lab writes it, nobody has. */
export function isHeld({ status, lease }: Task, { isLive }: Moment): boolean {
  return status === 'in_progress' && lease !== undefined && isLive(lease.run);
}

/** Until when a claim for `leaseMs` may not take the task over, in milliseconds since the epoch. */
export function heldUntil(task: Task, leaseMs: number, moment: Moment): number {
  if (!task.lease || !isHeld(task, moment)) return Number.NEGATIVE_INFINITY;
  const end = Date.parse(task.lease.expiresAt);
  return end > moment.now ? end : moment.late.graceEnd(task.lease, leaseMs, moment.now);
}
