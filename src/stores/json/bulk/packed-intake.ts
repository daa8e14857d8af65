import { OrchError } from '../../../model/errors.ts';
import type { NewTask } from '../../../model/task.ts';
import type { Added, Intake } from '../../../ports/task-store.ts';
import { atFault } from '../../at-fault.ts';
import { PackedTasks, type TextLog } from '../../packed-tasks.ts';
import { storeFault } from '../disk/faults.ts';
import { ShelfLog } from '../snapshot/shelf-log.ts';

/** Takes tasks for a store whose journal is what they become: they are packed as they come, and never all in memory. */
export class PackedIntake implements Intake {
  readonly #packed: PackedTasks;
  readonly #add: (packed: PackedTasks) => Promise<Added>;

  /** @param path the store's file. @param name how messages call the store. */
  constructor(path: string, name: string, add: (packed: PackedTasks) => Promise<Added>) {
    this.#packed = new PackedTasks(logOf(path, name));
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

function logOf(path: string, name: string): TextLog {
  const log = new ShelfLog(path, name);
  return {
    get end() {
      return log.end;
    },
    append: (text) => {
      if (log.append(text)) return;
      if (log.failure !== undefined) throw storeFault('use', name, log.failure);
      throw new OrchError('store-unusable', `${name} has been closed; open it again`);
    },
    readInto: (target, at, offset, length) => log.readInto(target, at, offset, length),
    close: () => log.close(),
  };
}
