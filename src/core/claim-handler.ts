import { decide } from '../model/decide.ts';
import { isOrchError } from '../model/errors.ts';
import type { RetryPolicy, Settlement } from '../model/settlement.ts';
import type { Executor } from '../ports/executor.ts';
import type { Claim, TaskStore } from '../ports/task-store.ts';
import type { Verifier } from '../ports/verifier.ts';
import { type AttemptParts, AttemptRunner } from './attempt.ts';
import { DEFAULT_BACKOFF } from './backoff.ts';
import { type OrchestratorConfig, retryPolicy } from './config.ts';
import type { RunControl } from './control.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { OneByOne } from './one-by-one.ts';
import { Outage } from './outage.ts';
import type { RunReport } from './report.ts';
import type { RunBudget } from './run-budget.ts';
import type { Runtime } from './runtime.ts';
import type { Salvage } from './salvage.ts';

interface ClaimHandlerParts {
  store: TaskStore;
  executor: Executor;
  verifier: Verifier | undefined;
  config: OrchestratorConfig;
  runtime: Runtime;
  control: RunControl;
  report: RunReport;
  keeper: LeaseKeeper;
  salvage: Salvage;
  budget: RunBudget;
}

/** Takes claims from the start of their work to their settlement. */
export class ClaimHandler {
  readonly #parts: ClaimHandlerParts;
  readonly #attemptParts: AttemptParts;
  readonly #policy: RetryPolicy;
  readonly #byTask = new OneByOne();

  constructor(parts: ClaimHandlerParts) {
    const { store, executor, verifier, config, runtime, control, report } = parts;
    this.#parts = parts;
    this.#policy = retryPolicy(config);
    this.#attemptParts = {
      store,
      executor,
      verifier: config.verifyResults ? verifier : undefined,
      runtime,
      backoff: DEFAULT_BACKOFF,
      budget: parts.budget,
      executorOutage: new Outage(config.outageMs, runtime.clock),
      verifierOutage: new Outage(config.outageMs, runtime.clock),
      checkOutage: new Outage(config.outageMs, runtime.clock),
      stay: config.stay,
      draining: control.draining,
      givingBack: control.givingBack,
      emit: (name, payload) => report.emit(name, payload),
      stopRun: (reason) => control.stop(reason),
    };
  }

  /**
   * @param release gives back the slot: called as soon as the settlement is on its way, unless the run has to see first what
   * came of it. Rejects when the store breaks.
   */
  async handle(claim: Claim, release: () => void): Promise<void> {
    const { config, store, report, keeper, salvage } = this.#parts;
    const { lease, task } = claim;
    const runner = new AttemptRunner(claim, keeper.keep(lease), this.#attemptParts);
    const piece = this.#byTask.next(task.id);
    let settlement: Settlement | undefined;
    try {
      // One that was cancelled and reset comes again while its old attempt is still ending.
      if (piece.before !== undefined) await piece.before;
      report.emit('task:start', { task, attempt: task.attempts + 1, resumed: runner.resumes });
      const outcome = await runner.run();
      // Before the slot is free: it may be that there would be no other one to start.
      if (runner.isLeft) report.leftOut(task.id);
      settlement = decide(runner.task, outcome, this.#policy);
      const settling = store.settle(lease, settlement);
      // The slot's next claim is under way with the settlement, so that a store can write both at once. After a failure
      // the safety check has its say first.
      if (config.pauseBetweenTasks === 0 && settlement.status !== 'failed') release();
      const settled = await settling;
      runner.announce();
      report.settled(settled, task.attempts + 1, settlement);
    } catch (error) {
      if (isOrchError(error, 'lease-lost')) {
        report.lost(task, await store.get(task.id));
        return;
      }
      salvage.add({ lease, runner, settlement });
      throw error;
    } finally {
      piece.end();
      report.tally.spent(runner.spent);
      keeper.drop(lease);
    }
  }
}
