import type { TableRecord } from '../../record.ts';
import type { TaskTable } from '../../task-table.ts';

type AddRecord = Extract<TableRecord, { op: 'add' | 'import' }>;

/** Puts the records of a journal into a table that they were not made for: by id, and only where they have a task there. */
export class JournalMerge {
  readonly #table: TaskTable;
  readonly #leftOut = new Set<string>();
  readonly #taken = new Set<string>();

  constructor(table: TaskTable) {
    this.#table = table;
  }

  /** Ids of tasks that the table does not have: what was done to them is left out. */
  get leftOut(): string[] {
    return [...this.#leftOut];
  }

  /** Ids under which the table has another task than the one that was added: that one, and all that was done to it, is left out. */
  get taken(): string[] {
    return [...this.#taken];
  }

  put(record: TableRecord): void {
    switch (record.op) {
      case 'add':
      case 'import':
        this.#add(record);
        break;
      case 'claim':
        if (this.#has(record.lease.taskId)) this.#table.apply(record);
        break;
      case 'renew':
        this.#table.apply({ ...record, ids: record.ids.filter((id) => this.#has(id)) });
        break;
      case 'control':
      case 'left':
      case 'unstop':
      case 'join':
      case 'reserve':
      case 'spend':
        // The runs that were told something, or spent something, have ended.
        break;
      case 'remove':
        // What is gone already is as was wanted.
        if (this.#table.has(record.id) && this.#has(record.id)) this.#table.apply(record);
        break;
      default:
        if (this.#has(record.id)) this.#table.apply(record);
    }
  }

  #add(record: AddRecord): void {
    const there = this.#table.get(record.task.id);
    if (!there) this.#table.apply(record);
    else if (there.description !== record.task.description) this.#taken.add(there.id);
  }

  #has(id: string): boolean {
    if (this.#taken.has(id)) return false;
    const has = this.#table.has(id);
    if (!has) this.#leftOut.add(id);
    return has;
  }
}
