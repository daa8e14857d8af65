import type { Task } from '../../src/model/task.ts';

/** A task as a store hands it out for its first attempt. */
export function makeTask(parts: Partial<Task> = {}): Task {
  return {
    id: 'task-001',
    description: 'Name a colour.',
    status: 'in_progress',
    attempts: 0,
    priority: 0,
    createdAt: '2026-11-22T12:00:00.000Z',
    history: [],
    ...parts,
  };
}
