import type { NewTask } from '../model/task.ts';
import type { Added, Intake } from '../ports/task-store.ts';
import { atFault } from './at-fault.ts';
import { PackedTasks, type TextLog } from './packed-tasks.ts';

/** Takes tasks that are packed as they come, and never all in memory. */
export class PackedIntake implements Intake {
  readonly #packed: PackedTasks;
  readonly #add: (packed: PackedTasks) => Promise<Added>;
  readonly #check: (task: NewTask) => void;

  /** @param check throws `usage` for a task that the store cannot keep, though another could. */
  constructor(
    log: TextLog,
    add: (packed: PackedTasks) => Promise<Added>,
    check: (task: NewTask) => void = () => {},
  ) {
    this.#packed = new PackedTasks(log);
    this.#add = add;
    this.#check = check;
  }

  take(task: NewTask): void {
    atFault(this.#packed.length, () => {
      this.#check(task);
      this.#packed.push(task);
    });
  }

  add(): Promise<Added> {
    return this.#add(this.#packed);
  }

  close(): void {
    this.#packed.close();
  }
}
