import type { OrchestratorConfig } from './config.ts';
import type { RunControl } from './control.ts';

interface FailFastParts {
  config: Pick<OrchestratorConfig, 'failFast' | 'stay'>;
  control: RunControl;
  /** Whether a task could be claimed now. */
  isWorkLeft(): Promise<boolean>;
}

/** Ends a run at the first task that fails, where it was told to. */
export class FailFast {
  readonly #parts: FailFastParts;
  #first: string | undefined;

  constructor(parts: FailFastParts) {
    this.#parts = parts;
  }

  /** What runs may finish. @param id of the task. */
  failed(id: string): void {
    const { config, control } = this.#parts;
    if (!config.failFast) return;
    this.#first ??= id;
    control.drain();
  }

  /** Says at the end of the run that this is why it stopped. Where nothing was left to do, it has ended nothing. */
  async explain(): Promise<void> {
    const { config, control, isWorkLeft } = this.#parts;
    if (this.#first === undefined) return;
    if (!config.stay && !(await isWorkLeft())) return;
    const message = `${this.#first} failed, and it was told to stop at the first task that does`;
    control.stop({ kind: 'failed', message });
  }
}
