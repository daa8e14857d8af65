import type { PackedTasks } from '../packed-tasks.ts';
import type { KnownTasks } from '../plan-add.ts';
import { PlannedTasks } from './bulk/planned-tasks.ts';
import { Request } from './request.ts';

/** Packed tasks that somebody adds: a change by itself, since it may be long. */
export class BulkAdd extends Request {
  readonly #packed: PackedTasks;

  constructor(packed: PackedTasks) {
    super(true);
    this.#packed = packed;
  }

  override get isBlind(): boolean {
    return this.#packed.isUnrelated;
  }

  override get holdsUp(): boolean {
    return true;
  }

  /** @returns undefined where they cannot be added, which is told as it is. */
  plan(known: KnownTasks, nextId: number, now: number): PlannedTasks | undefined {
    try {
      const planned = new PlannedTasks(this.#packed, known, nextId, now);
      this.value = planned.answer;
      return planned;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }
}
