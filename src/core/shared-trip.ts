import type { TaskStore } from '../ports/task-store.ts';

/** Tells the other runs on the store to stop with this one. @returns whether there are any. */
export async function tripOthers(store: TaskStore, runId: string, reason: string): Promise<boolean> {
  const runs = await store.runs();
  if (runs.every(({ id }) => id === runId)) return false;
  await store.note(runId, { safety: { near: [], tripped: reason } });
  await store.control('trip');
  return true;
}

/** What a run says of itself that was told to. The one that tripped first may have left by now. */
export async function whyOthersTripped(store: TaskStore): Promise<string> {
  const run = (await store.runs()).find(({ safety }) => safety?.tripped !== undefined);
  if (run) return `a safety check stopped ${run.id}: ${run.safety?.tripped}`;
  const last = await store.lastStop();
  if (last?.kind === 'safety') return `a safety check stopped ${last.run}: ${last.message}`;
  return 'a safety check stopped another run on this store';
}
