import ora from 'ora';
import { count } from '../format.ts';
import { cut } from '../width.ts';
import type { SelftestReport } from './selftest.ts';

/** A live line on a terminal. */
export class SelftestProgress {
  readonly #kills: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #spinner;

  /** @param kills that there will be. */
  constructor(kills: number, stream: NodeJS.WriteStream) {
    this.#kills = kills;
    this.#stream = stream;
    // Ctrl-C has to arrive, and a killed one must leave the cursor as it was.
    this.#spinner = ora({ stream, isEnabled: true, color: false, discardStdin: false, hideCursor: false });
    this.#spinner.start('starting');
  }

  show({ kills, stalls, powerCuts, violations }: SelftestReport): void {
    const parts = [
      `${kills} of ${count(this.#kills, 'kill')}`,
      count(stalls, 'stall'),
      count(powerCuts, 'power cut'),
      count(violations.length, 'violation'),
    ];
    this.#spinner.text = cut(parts.join(', '), this.#stream.columns - 4);
  }

  close(): void {
    this.#spinner.stop();
  }
}
