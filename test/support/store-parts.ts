import assert from 'node:assert/strict';
import type { Checkpoint, Settlement } from '../../src/model/settlement.ts';
import type { Task } from '../../src/model/task.ts';
import type { Claim, ClaimRequest, ListFilter, RunInfo, TaskStore } from '../../src/ports/task-store.ts';

/** How long leases last in store tests, in milliseconds. */
export const LEASE_MS = 30_000;

export function runInfo(id: string): RunInfo {
  return { id, pid: process.pid, host: 'here', startedAt: '2026-01-01T00:00:00.000Z' };
}

/** Claims for a run that has joined, and expects to get something. */
export async function claimOne(
  store: TaskStore,
  run: string,
  request: Partial<ClaimRequest> = {},
): Promise<Claim> {
  const answer = await store.claim({ run, leaseMs: LEASE_MS, ...request });
  assert(answer.task, `run ${run} found nothing to claim`);
  return answer;
}

/** The ids that a run gets when it claims until there is nothing left. */
export async function claimAll(
  store: TaskStore,
  run: string,
  request: Partial<ClaimRequest> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { task } = await store.claim({ run, leaseMs: LEASE_MS, ...request });
    if (!task) return ids;
    ids.push(task.id);
  }
}

export async function listed(store: TaskStore, filter?: ListFilter): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const task of store.list(filter)) tasks.push(task);
  return tasks;
}

export async function idsOf(store: TaskStore, filter?: ListFilter): Promise<string[]> {
  return (await listed(store, filter)).map(({ id }) => id);
}

export function checkpoint(output: string): Checkpoint {
  return { output, usage: { inputTokens: 10, outputTokens: 5 } };
}

export function done(result: string): Settlement {
  return { status: 'completed', result, verified: false, attempt: { outcome: 'passed' } };
}

export function again(reason = 'not good enough'): Settlement {
  return { status: 'pending', reason, attempt: { outcome: 'failed', error: reason } };
}

export function broken(message = 'no use'): Settlement {
  return {
    status: 'failed',
    error: { kind: 'permanent', message },
    attempt: { outcome: 'failed', error: message },
  };
}
