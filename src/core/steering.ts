import type { RunCommand, TaskStore } from '../ports/task-store.ts';
import type { RunControl } from './control.ts';
import type { Runtime } from './runtime.ts';

/** Shortest time between two questions, in milliseconds: a store may change many times a second. */
const ASK_MS = 50;

interface SteeringParts {
  runId: string;
  store: TaskStore;
  runtime: Runtime;
  control: RunControl;
  /** The run was told something that it had not been told before. */
  onCommand(command: RunCommand): void;
}

/**
 * Asks the store what the run was told from elsewhere: at its start, and whenever the bell says that something changed. One
 * question at a time. Ends when the run drains: there is nothing more to be told then. Rejects when the store breaks.
 */
export async function heedCommands(parts: SteeringParts): Promise<void> {
  const { runId, store, runtime, control, onCommand } = parts;
  let last: number | undefined;
  while (!control.draining.aborted) {
    const ring = control.bell.next();
    const told = await store.told(runId);
    if (control.draining.aborted) return;
    if (told && told.number !== last) onCommand(told.command);
    last = told?.number;
    await runtime.sleep(ASK_MS, control.draining);
    await ring;
  }
}
