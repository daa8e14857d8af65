import type { TaskStore } from '../../ports/task-store.ts';

/** A store that passes everything on to another: what wraps one replaces some of it. */
export function forwarding(store: TaskStore): TaskStore {
  return {
    add: (tasks) => store.add(tasks),
    intake: () => store.intake(),
    import: (tasks) => store.import(tasks),
    claim: (request) => store.claim(request),
    checkpoint: (lease, checkpoint) => store.checkpoint(lease, checkpoint),
    settle: (lease, settlement) => store.settle(lease, settlement),
    renew: (leases, leaseMs) => store.renew(leases, leaseMs),
    lost: (leases) => store.lost(leases),
    get: (id) => store.get(id),
    list: (filter) => store.list(filter),
    counts: () => store.counts(),
    survey: (request) => store.survey(request),
    ahead: (id) => store.ahead(id),
    reset: (selection) => store.reset(selection),
    retry: (ids, feedback) => store.retry(ids, feedback),
    edit: (id, edit) => store.edit(id, edit),
    reopen: (id, result, finding) => store.reopen(id, result, finding),
    cancel: (ids) => store.cancel(ids),
    remove: (ids) => store.remove(ids),
    join: (run) => store.join(run),
    leave: (runId, stop) => store.leave(runId, stop),
    lastStop: () => store.lastStop(),
    note: (runId, note) => store.note(runId, note),
    runs: () => store.runs(),
    control: (command) => store.control(command),
    told: (runId) => store.told(runId),
    reserve: (request) => store.reserve(request),
    spend: (request) => store.spend(request),
    pool: () => store.pool(),
    changes: (listener) => store.changes(listener),
    close: () => store.close(),
  };
}
