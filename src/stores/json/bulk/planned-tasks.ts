import { isoTime } from '../../../model/clock.ts';
import type { Added } from '../../../ports/task-store.ts';
import type { PackedTasks } from '../../packed-tasks.ts';
import { type AddPlan, type KnownTasks, planAdd } from '../../plan-add.ts';
import { answerOf } from '../../planned-answer.ts';
import { addedJson } from '../journal/journal-record.ts';
import { LineBuffer } from '../journal/line-buffer.ts';

/** UTF-16 units of lines that are written together. */
const PIECE = 512 * 1024;

/** Packed tasks with the ids that they get: lines of the journal, which are made as they are written. */
export class PlannedTasks {
  readonly #wanted: PackedTasks;
  readonly #plan: AddPlan;
  readonly #at: string;

  /** @param nextId number of the next automatic id. @param now milliseconds since the epoch. @throws as `planAdd` does */
  constructor(wanted: PackedTasks, known: KnownTasks, nextId: number, now: number) {
    this.#wanted = wanted;
    this.#plan = planAdd(wanted, known, nextId);
    this.#at = isoTime(now);
  }

  /** How many tasks are new. */
  get records(): number {
    return this.#plan.length - this.#plan.there.size;
  }

  /** Number of the next automatic id, after all of it. */
  get nextId(): number {
    return this.#plan.nextId;
  }

  get answer(): Added {
    return answerOf(this.#plan, this.#wanted, this.#at);
  }

  /** Lines of the journal, each piece valid until the next is asked for. @param synced up to where the journal is known to be on the disk; 0: unknown. */
  *lines(synced: number): Generator<Buffer> {
    const { length, there, nextId } = this.#plan;
    const lines = new LineBuffer();
    let left = this.records;
    let units = 0;
    let index = 0;
    for (const text of this.#wanted.texts()) {
      if (!there.has(index)) {
        // Once is enough: they are written together.
        const known = left === this.records ? synced : 0;
        const json = addedJson(this.#plan.idOf(index), text, this.#at, nextId, known);
        lines.add(json, --left > 0);
        units += json.length;
      }
      index++;
      if (units < PIECE && index < length) continue;
      yield lines.bytes;
      lines.clear();
      units = 0;
    }
  }
}
