import type { NewTask } from '../../../model/task.ts';
import type { Added, Intake } from '../../../ports/task-store.ts';
import { atFault } from '../../at-fault.ts';
import { PackedTasks } from '../../packed-tasks.ts';
import { checkPriority } from '../tables/check-priority.ts';
import { TemporaryLog } from './temporary-log.ts';

/** Takes tasks for a database: they are packed as they come, and never all in memory. */
export class PackedIntake implements Intake {
  readonly #packed = new PackedTasks(new TemporaryLog());
  readonly #add: (packed: PackedTasks) => Promise<Added>;

  constructor(add: (packed: PackedTasks) => Promise<Added>) {
    this.#add = add;
  }

  take(task: NewTask): void {
    atFault(this.#packed.length, () => {
      checkPriority(task.priority);
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
