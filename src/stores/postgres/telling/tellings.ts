import type { Telling } from '../../../ports/task-store.ts';

/** What runs were told last, as far as it is known that nothing has been told since: a run asks often. */
export class Tellings {
  readonly #known = new Map<string, Telling | undefined>();
  #isListening = false;
  #epoch = 0;

  /** From now on `forget` is called whenever a run is told something. */
  listening(): void {
    this.#isListening = true;
  }

  forget(): void {
    this.#epoch++;
    this.#known.clear();
  }

  async of(runId: string, ask: () => Promise<Telling | undefined>): Promise<Telling | undefined> {
    if (this.#known.has(runId)) return this.#known.get(runId);
    const epoch = this.#epoch;
    const telling = await ask();
    if (this.#isListening && epoch === this.#epoch) this.#known.set(runId, telling);
    return telling;
  }
}
