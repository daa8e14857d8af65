/** How many tasks go through a store together. */
export const BATCH = 50;

export function claimed(store, run) {
  return Promise.all(Array.from({ length: BATCH }, () => store.claim({ run, leaseMs: 30_000 })));
}

export function settled(store, { lease, task }) {
  const settlement = {
    status: 'completed',
    result: task.id,
    verified: false,
    attempt: { outcome: 'passed' },
  };
  return store.settle(lease, settlement);
}
