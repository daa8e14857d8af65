import type { NewTask } from '../model/task.ts';
import { soundNewTask } from './check-task.ts';

/** Tasks that are to be added, by index. */
export interface Wanted {
  readonly length: number;
  /** Its own id; undefined: it gets an automatic one. */
  idOf(index: number): string | undefined;
  descriptionOf(index: number): string;
  /** @param id that it gets. @throws `usage`: it could not be read again. */
  check(index: number, id: string): void;
  /** What it comes after. To be asked for once it was checked. */
  afterOf(index: number): readonly string[] | undefined;
}

/** A list of them. */
export class ListedTasks implements Wanted {
  readonly #given: readonly NewTask[];
  readonly #sound: (NewTask & { id: string })[] = [];

  constructor(tasks: readonly NewTask[]) {
    this.#given = tasks;
  }

  get length(): number {
    return this.#given.length;
  }

  idOf(index: number): string | undefined {
    return this.#given[index]?.id;
  }

  descriptionOf(index: number): string {
    return this.#given[index]!.description;
  }

  check(index: number, id: string): void {
    this.#sound[index] = soundNewTask(this.#given[index]!, id);
  }

  afterOf(index: number): readonly string[] | undefined {
    return this.#sound[index]?.after;
  }

  /** As it is to be kept, once it was checked. */
  sound(index: number): NewTask & { id: string } {
    return this.#sound[index]!;
  }
}
