import type { ClaimAnswer, ClaimRequest } from '../../../ports/task-store.ts';

/** What the runs of this process wait for, as far as the store can tell. */
export class Wants {
  readonly #runs: () => readonly string[];
  /** What runs asked for last, where there was nothing. */
  readonly #unmet = new Map<string, ClaimRequest>();
  /** Those of them since whose question this process has changed nothing. */
  readonly #fresh = new Set<ClaimRequest>();
  /** The most that a call found no room for in the budget, and no call that wanted as much has since: US dollars. */
  #shortUsd: number | undefined;

  /** @param runs the ids of those that have joined */
  constructor(runs: () => readonly string[]) {
    this.#runs = runs;
  }

  answered(request: ClaimRequest, { task }: ClaimAnswer): void {
    this.left(request.run);
    if (task) return;
    this.#unmet.set(request.run, request);
    this.#fresh.add(request);
  }

  left(run: string): void {
    const before = this.#unmet.get(run);
    this.#unmet.delete(run);
    if (before) this.#fresh.delete(before);
  }

  /** Whether there was room in the budget for a call. @param usd US dollars; what is not known may be anything. */
  reserved(usd: number | undefined, isGranted: boolean): void {
    const wanted = usd ?? Number.POSITIVE_INFINITY;
    if (!isGranted) this.#shortUsd = Math.max(this.#shortUsd ?? 0, wanted);
    else if (wanted >= (this.#shortUsd ?? 0)) this.#shortUsd = undefined;
  }

  /** Whether somebody waits for money. */
  get isShort(): boolean {
    return this.#shortUsd !== undefined;
  }

  /** Nobody is known to want anything. */
  forget(): void {
    this.#unmet.clear();
    this.#fresh.clear();
  }

  /** This process has changed something. */
  changed(): void {
    this.#fresh.clear();
  }

  /** There are runs, and none has found anything to do. */
  get isIdle(): boolean {
    const runs = this.#runs();
    return runs.length > 0 && runs.every((run) => this.#unmet.has(run));
  }

  /** Whether one of these tasks, or any, could be for one of the runs; where there are none, somebody may look on. */
  couldUse(tasks: readonly string[] | undefined): boolean {
    const runs = this.#runs();
    if (runs.length === 0) return true;
    return runs.some((run) => {
      const request = this.#unmet.get(run);
      return !request || !tasks || tasks.some((task) => admits(request, task));
    });
  }

  /** Whether one of these tasks, or any, is among the few that a run waits for. */
  isNamed(tasks: readonly string[] | undefined): boolean {
    return [...this.#unmet.values()].some(
      ({ only }) => only && (!tasks || tasks.some((task) => only.has(task))),
    );
  }

  /** Whether a run has room for this task. */
  takes(task: string): boolean {
    return [...this.#unmet.values()].some((request) => admits(request, task));
  }

  /** Whether the same was asked for last, in vain, and this process has changed nothing since. */
  isAskedAgain({ run, leaseMs, only, except }: ClaimRequest): boolean {
    const before = this.#unmet.get(run);
    if (!before || !this.#fresh.has(before)) return false;
    return before.leaseMs === leaseMs && before.only === only && !before.except && !except;
  }
}

function admits({ only, except }: ClaimRequest, task: string): boolean {
  return (only === undefined || only.has(task)) && !except?.has(task);
}
