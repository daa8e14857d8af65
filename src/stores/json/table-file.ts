import { LowSync } from 'lowdb';
import { OrchError } from '../../model/errors.ts';
import { TaskTable } from '../task-table.ts';
import type { FileAdapter } from './file-adapter.ts';
import { type Document, emptyDocument, FormatError } from './format.ts';

/** The tasks as one file holds them. It remembers what was there before, so that nothing older is taken for it. */
export class TableFile {
  readonly #name: string;
  readonly #file: FileAdapter;
  readonly #db: LowSync<Document>;
  readonly #mayBeAbsent: boolean;
  /** The revision that was read or written last; undefined until then. */
  #revision: number | undefined;

  /** @param name how messages call the store. @param mayBeAbsent no file is an empty one, until there is one. */
  constructor(name: string, file: FileAdapter, mayBeAbsent: boolean) {
    this.#name = name;
    this.#file = file;
    this.#db = new LowSync(file, emptyDocument());
    this.#mayBeAbsent = mayBeAbsent;
  }

  /**
   * @throws FormatError. `store-missing`. `store-unusable`: it cannot be read; it has vanished; or an older copy is in
   * its place, which knows nothing of what was done since: to go on from it would do, and pay for, that once more.
   */
  load(): TaskTable {
    // Nothing of a change that could not be written may be left.
    const nothing = emptyDocument();
    this.#db.data = nothing;
    this.#db.read();
    if (this.#db.data === nothing) this.#allowAbsent();
    else this.#notice(this.#db.data.revision);
    return new TaskTable(this.#db.data);
  }

  /** Writes what was changed since it was loaded, if anything was. @throws `store-unusable` */
  save(table: TaskTable): void {
    if (table.changes === 0) return;
    this.#db.data = {
      ...this.#db.data,
      revision: this.#db.data.revision + 1,
      nextId: table.nextId,
      tasks: table.tasks(),
    };
    this.#db.write();
    this.#revision = this.#db.data.revision;
  }

  /** Removes what writers that died left. To be called under the store's lock. */
  sweep(): void {
    this.#file.sweep();
  }

  /** Whether a load may do better soon: what was whole before may be being written this moment, by an editor or git. */
  mayPass(error: unknown): boolean {
    return this.#revision !== undefined && (error instanceof FormatError || error instanceof Vanished);
  }

  #allowAbsent(): void {
    if (this.#revision !== undefined) throw new Vanished(this.#name);
    if (this.#mayBeAbsent) return;
    throw missing(this.#name);
  }

  #notice(revision: number): void {
    if (this.#revision !== undefined && revision < this.#revision) {
      const message = `An older copy was put in the place of ${this.#name} (revision ${revision} after ${this.#revision}); put the newer one back, or end all runs before you go on with the older one`;
      throw new OrchError('store-unusable', message);
    }
    this.#revision = revision;
  }
}

/** A file that was there has gone: it is not begun anew, as if there had never been one. */
class Vanished extends OrchError {
  constructor(name: string) {
    const message = `${name} has vanished while it was in use; put it back, or end all runs before you begin a new one`;
    super('store-unusable', message);
  }
}

export function missing(name: string): OrchError {
  return new OrchError('store-missing', `${name} does not exist; \`orch add\` creates it`);
}
