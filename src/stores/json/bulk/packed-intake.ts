import type { NewTask } from '../../../model/task.ts';
import type { Added, Intake } from '../../../ports/task-store.ts';
import { atFault } from '../../at-fault.ts';
import { PackedTasks } from './packed-tasks.ts';

/** Takes tasks for a store whose journal is what they become: they are packed as they come, and never all in memory. */
export class PackedIntake implements Intake {
  readonly #packed: PackedTasks;
  readonly #add: (packed: PackedTasks) => Promise<Added>;

  /** @param path the store's file. @param name how messages call the store. */
  constructor(path: string, name: string, add: (packed: PackedTasks) => Promise<Added>) {
    this.#packed = new PackedTasks(path, name);
    this.#add = add;
  }

  take(task: NewTask): void {
    atFault(this.#packed.length, () => this.#packed.push(task));
  }

  add(): Promise<Added> {
    return this.#add(this.#packed);
  }

  close(): void {
    this.#packed.close();
  }
}
