import type { NewTask } from '../../model/task.ts';
import type { Context } from '../context.ts';
import { keyHider, tellHidden } from '../input/hide-keys.ts';
import { RowSchemas, readSchema } from '../input/read-schema.ts';
import { Sealer } from '../input/seal-checks.ts';
import { AddedChecks } from '../trust/added-checks.ts';
import type { AddOptions } from './options.ts';
import { defaultsOf, type TaskDefaults, withDefaults } from './with-options.ts';

/** Makes of each row the task that is to be added: with what the options say, without credentials, its check sealed. */
export class Preparation {
  readonly #hide: <T extends object>(given: T) => T;
  readonly #defaults: TaskDefaults;
  readonly #holdsKey: boolean;
  readonly #sealer: Sealer;
  readonly #checks: AddedChecks;
  readonly #schemas: RowSchemas;
  #hidden = 0;

  /** @param placeOf where a row is from; undefined: from no file. @throws `usage` */
  static async of(
    options: AddOptions,
    context: Context,
    placeOf: (index: number) => string | undefined,
  ): Promise<Preparation> {
    const schema = options.schema === undefined ? undefined : await readSchema(options.schema);
    const hide = keyHider(context.env);
    const given = defaultsOf({ ...options, schema });
    const defaults = hide(given);
    const isOwn = (check: string | undefined) => options.trust === true || check === defaults.fields.check;
    return new Preparation(
      hide,
      defaults,
      defaults !== given,
      await Sealer.of(options.checkFile ?? [], context.store),
      await AddedChecks.of(context, isOwn),
      new RowSchemas(placeOf),
    );
  }

  private constructor(
    hide: <T extends object>(given: T) => T,
    defaults: TaskDefaults,
    holdsKey: boolean,
    sealer: Sealer,
    checks: AddedChecks,
    schemas: RowSchemas,
  ) {
    this.#hide = hide;
    this.#defaults = defaults;
    this.#holdsKey = holdsKey;
    this.#sealer = sealer;
    this.#checks = checks;
    this.#schemas = schemas;
  }

  prepared(row: NewTask, index: number): NewTask {
    if (row.schema !== undefined) this.#schemas.take(row.schema, index);
    const kept = this.#hide(row);
    if (this.#holdsKey || kept !== row) this.#hidden++;
    const task = withDefaults(kept, this.#defaults);
    if (task.check === undefined) return task;
    task.seal = this.#sealer.sealOf(task.check);
    this.#checks.take(task);
    return task;
  }

  /**
   * When all rows were read, and before they are added.
   * @returns how many have a check that nobody agreed to. @throws `usage`: what can only be told now.
   */
  async end(): Promise<number> {
    await this.#schemas.check();
    tellHidden(this.#hidden);
    this.#sealer.requireUse();
    return this.#checks.remember();
  }
}
