import { LONGEST_ID } from '../../stores/task-ids.ts';
import { usage } from '../values.ts';

const NOT_ALLOWED = /[^A-Za-z0-9._-]+/g;

/** What an id cannot hold becomes a hyphen; an id stays as it is. */
export function idOfKey(key: string): string {
  return key.replace(NOT_ALLOWED, '-').replace(/^-+/, '').slice(0, LONGEST_ID).replace(/-+$/, '');
}

/** Makes the ids of tasks from a field of their rows, so that the same row gives the same id whenever it is added. */
export class RowKeys {
  readonly #field: string;
  /** The place of each id's first row. */
  readonly #lines = new Map<string, number>();
  /** The keys of ids that are spelled otherwise. */
  readonly #keys = new Map<string, string>();

  constructor(field: string) {
    this.#field = field;
  }

  /**
   * @param placeOf how messages call a line.
   * @throws `usage`: the row has no such field, it gives no id, or another key gave the same one.
   */
  idOf(row: Record<string, unknown>, line: number, placeOf: (line: number) => string): string {
    const key = this.#keyIn(row, placeOf(line));
    const id = idOfKey(key);
    const shown = JSON.stringify(key);
    if (id === '')
      throw usage(`${placeOf(line)}: the key ${shown} has no letter or digit that an id can hold`);
    const first = this.#lines.get(id);
    const other = this.#keys.get(id) ?? id;
    if (first !== undefined && other !== key) {
      const both = `the keys ${shown} and, in line ${first}, ${JSON.stringify(other)}`;
      throw usage(`${placeOf(line)}: ${both} would give the same id ${id}; change one of them`);
    }
    if (first === undefined) {
      this.#lines.set(id, line);
      if (id !== key) this.#keys.set(id, key);
    }
    return id;
  }

  #keyIn(row: Record<string, unknown>, place: string): string {
    const key = Object.hasOwn(row, this.#field) ? row[this.#field] : undefined;
    if (typeof key === 'string' && key !== '') return key;
    if (typeof key === 'number') return String(key);
    const what = key === undefined ? 'the row has no such field' : `it is ${JSON.stringify(key)}`;
    throw usage(
      `${place}: expected the key ${JSON.stringify(this.#field)} to be a text or a number; ${what}`,
    );
  }
}
