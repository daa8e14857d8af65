import { hostname } from 'node:os';
import { isoTime } from '../model/clock.ts';
import { OrchError } from '../model/errors.ts';
import type { RunStats } from '../model/event.ts';
import { Run, type RunParts, type UnsavedOutput } from './run.ts';
import { Tally } from './tally.ts';

/**
 *   idle --run()--> running <--pause()/resume()--> paused
 *                      |                             |
 *                      +--- done, stop(), safety ----+--> stopped
 *                      +--- the store broke, or a fatal failure --> error
 *
 * `run()` may be called again from `stopped` and `error`.
 */
export type OrchestratorState = 'idle' | 'running' | 'paused' | 'stopped' | 'error';

/** Takes tasks from a store, has each one done and verified, and stops safely. */
export class Orchestrator {
  readonly #parts: RunParts;
  #state: Exclude<OrchestratorState, 'paused'> = 'idle';
  #run: Run | undefined;

  /** Put together by OrchestratorBuilder. */
  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  get state(): OrchestratorState {
    return this.#state === 'running' && this.#run?.control.paused ? 'paused' : this.#state;
  }

  /** Of the run that is under way, or of the last one. */
  get stats(): RunStats {
    const now = this.#parts.runtime.clock.now();
    return this.#run?.stats ?? new Tally(now).stats(now);
  }

  /** Outputs in hand when the store broke: paid for, and kept nowhere else. */
  get unsaved(): readonly UnsavedOutput[] {
    return this.#run?.unsaved ?? [];
  }

  /**
   * Works until nothing is runnable, or until it is stopped. `stats.stopReason` says why it ended before that.
   * @throws OrchError `store-unusable` when the store breaks; `usage` when it runs already. What a safety check throws.
   */
  async run(): Promise<RunStats> {
    if (this.#state === 'running') {
      throw new OrchError('usage', 'This orchestrator is running already; wait for run() to resolve');
    }
    const { clock, newRunId } = this.#parts.runtime;
    const { maxCostUsd, service, version, only, limit } = this.#parts.config;
    const info = {
      id: newRunId(),
      pid: process.pid,
      host: hostname(),
      ...(version !== undefined && { version }),
      startedAt: isoTime(clock.now()),
      ...(maxCostUsd !== undefined && { maxCostUsd }),
      ...(service !== undefined && { service }),
      ...((only || limit !== undefined) && { selective: true }),
    };
    this.#run = new Run(info, this.#parts);
    this.#state = 'running';
    try {
      const stats = await this.#run.go();
      this.#state = stats.stopReason?.kind === 'fatal' ? 'error' : 'stopped';
      return stats;
    } catch (error) {
      this.#state = 'error';
      throw error;
    }
  }

  /**
   * Claims nothing more until `resume`; what runs goes on. Does nothing unless it is running. `pause`, `resume` and `stop` come
   * through the store, too (`store.control`): the last word counts.
   */
  pause(): void {
    if (this.#state === 'running') this.#run?.setPaused(true);
  }

  /** Does nothing unless it is paused. */
  resume(): void {
    if (this.#state === 'running') this.#run?.setPaused(false);
  }

  /**
   * Ends the run. `drain`: what runs may finish, what waits goes back to pending. `abort`: what runs is ended and goes
   * back to pending too, uncounted. May be called again to go from the first to the second.
   */
  stop(mode: 'drain' | 'abort' = 'drain'): void {
    if (this.#state !== 'running') return;
    this.#run?.control.stop({ kind: 'stopped', message: 'it was stopped' });
    if (mode === 'abort') this.#run?.control.abort();
  }
}
