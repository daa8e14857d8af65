import type { EventMap, EventName } from '../model/event.ts';
import type { Executed, ExecutionResult, Verification } from '../model/result.ts';
import type { Checkpoint, Outcome } from '../model/settlement.ts';
import { checkpointOf, rejectionsOf, type Task } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
import type { Executor } from '../ports/executor.ts';
import type { Claim, TaskStore } from '../ports/task-store.ts';
import type { VerificationContext, Verifier } from '../ports/verifier.ts';
import { AttemptCost } from './attempt-cost.ts';
import { applies, callExecutor, callVerifier } from './calls.ts';
import { DependencyResults } from './dependency-results.ts';
import { isAnswer, nextStep } from './next-step.ts';
import type { Outage } from './outage.ts';
import { previousOf } from './previous.ts';
import type { RunBudget } from './run-budget.ts';
import { TryAgain, type WaitParts } from './try-again.ts';

/** What all attempts of a run need of it. */
export interface AttemptParts extends WaitParts {
  store: TaskStore;
  executor: Executor;
  /** Absent: results are not verified. */
  verifier: Verifier | undefined;
  budget: RunBudget;
  executorOutage: Outage;
  verifierOutage: Outage;
  /** Of commands that verify: a check that answers does not show that the judge beside it does. */
  checkOutage: Outage;
  /** Aborts when work that still waits for its turn, or for money, is to be given back. */
  givingBack: AbortSignal;
  emit<N extends EventName>(name: N, payload: EventMap[N]): void;
}

/** An output, without what it did cost. */
type Done = Omit<Checkpoint, 'usage'>;

/** One claim of a task, from the execution (or the checkpoint of an earlier one) to what came of it. */
export class AttemptRunner {
  readonly #parts: AttemptParts;
  readonly #claim: Claim;
  readonly #aborting: AbortSignal;
  readonly #attempt: number;
  #task: Task;
  /** What the last execution that said anything of itself said. */
  #metadata: Checkpoint['metadata'];
  #done: Done | undefined;
  /** An execution that nobody was told of yet. */
  #executed: ExecutionResult | undefined;
  readonly #cost: AttemptCost;
  readonly #again: TryAgain;
  readonly #results: DependencyResults;

  /** @param aborting aborts when work on it is to end: the run is aborted, or the lease is lost. */
  constructor(claim: Claim, aborting: AbortSignal, parts: AttemptParts) {
    this.#parts = parts;
    this.#claim = claim;
    this.#aborting = aborting;
    this.#task = claim.task;
    this.#attempt = claim.task.attempts + 1;
    this.#results = new DependencyResults(parts.store, claim.task);
    this.#cost = new AttemptCost(claim.task, parts.budget, (spentUsd, limitUsd) =>
      parts.emit('task:cost-warning', { ...this.#about(), spentUsd, limitUsd }),
    );
    this.#again = new TryAgain(parts, this.#cost.budget, aborting, (wait) =>
      parts.emit('task:retry', { ...this.#about(), ...wait }),
    );
  }

  /** The task as this attempt last wrote it. */
  get task(): Task {
    return this.#task;
  }

  /** Whether its output is there already, and only has to be verified. */
  get resumes(): boolean {
    return checkpointOf(this.#claim.task) !== undefined;
  }

  /** What this run paid for it. */
  get spent(): Usage | undefined {
    return this.#cost.spent;
  }

  /** Whether nothing came of it, and nothing was spent: there was no money for its first call. */
  get isLeft(): boolean {
    return this.#again.gaveBack && this.spent === undefined;
  }

  /** What is in hand, for whoever must keep it when the store breaks. */
  get checkpoint(): Checkpoint | undefined {
    return this.#done && this.#withCost(this.#done);
  }

  /** Tells that it was executed, once what is kept of it is on disk: no hook is to know of it before. */
  announce(): void {
    const result = this.#executed;
    this.#executed = undefined;
    if (result) this.#parts.emit('task:execute', { ...this.#about(), result });
  }

  /** Rejects only when the store breaks, or the lease is lost. */
  async run(): Promise<Outcome> {
    const open = checkpointOf(this.#task);
    if (open?.output !== undefined) return await this.#judge({ success: true, ...open, output: open.output });
    const execution = await this.#execute();
    return 'type' in execution ? execution : await this.#judge(execution);
  }

  async #execute(): Promise<Executed | Outcome> {
    for (let failures = 1; ; failures++) {
      const result = await this.#callExecutor();
      await this.#cost.answered(result.usage);
      this.#metadata = result.metadata ?? this.#metadata;
      if (result.success) {
        this.#parts.executorOutage.recovered();
        this.#executed = result;
        return result;
      }
      const ended = this.#whyEnded();
      if (ended !== undefined) return this.#interrupted(ended);
      this.#executed = result;
      const { kind, message, silentMs } = result.error;
      const { output, metadata } = result;
      const { executorOutage: outage } = this.#parts;
      const isSilent = silentMs !== undefined;
      if (kind !== 'transient' && !isSilent) outage.recovered();
      // A service that has been silent for so long is out, and its silence no fault of the task.
      const isOut = isSilent && outage.failed(result.error) !== undefined;
      if ((kind === 'failed' && !isOut) || kind === 'permanent') {
        return { type: kind, reason: message, output, metadata, usage: this.#cost.paid };
      }
      this.announce();
      const goOn = await this.#again.afterFailure(result.error, failures, outage);
      if (!goOn) return this.#interrupted(message);
    }
  }

  async #judge(execution: Executed): Promise<Outcome> {
    const { verifier, store } = this.#parts;
    const { output, confidence, metadata } = execution;
    const done = { output, confidence, metadata };
    this.#done = done;
    if (!verifier || !applies(verifier, this.#task)) return { type: 'unjudged', ...this.#withCost(done) };
    if (!checkpointOf(this.#task))
      this.#task = await store.checkpoint(this.#claim.lease, this.#withCost(done));
    this.announce();
    if (this.#aborting.aborted) return this.#interrupted('aborted');
    return await this.#verify(verifier, execution, done);
  }

  async #verify(verifier: Verifier, execution: Executed, done: Done): Promise<Outcome> {
    const { verifierOutage, checkOutage } = this.#parts;
    for (let failures = 0, unclear = 0; ; ) {
      const verification = await this.#callVerifier(verifier, execution);
      await this.#cost.answered(verification.usage);
      const ended = 'passed' in verification ? undefined : this.#whyEnded();
      if (ended !== undefined) return this.#interrupted(ended);
      this.#parts.emit('task:verify', { ...this.#about(), verification });
      const outage = verification.isCheck ? checkOutage : verifierOutage;
      if (isAnswer(verification)) outage.recovered();
      const step = nextStep(verification, unclear, (ms) => outage.answeredWithin(ms));
      if (step.type === 'wait') {
        const { failure } = step;
        const goOn = await this.#again.afterFailure(failure, ++failures, outage);
        if (!goOn) return this.#interrupted(failure.message);
      } else if (step.type === 'unclear') {
        const goOn = await this.#again.afterUnclear(step.reason, ++unclear);
        if (!goOn) return this.#interrupted(step.reason);
      } else {
        return { ...step, ...this.#withCost(done) };
      }
    }
  }

  /** Why nothing can come of it any more, whatever a call has answered. */
  #whyEnded(): string | undefined {
    return this.#aborting.aborted ? 'aborted' : this.#results.whyGone();
  }

  #withCost(done: Done): Checkpoint {
    return { ...done, usage: this.#cost.paid };
  }

  #interrupted(reason: string): Outcome {
    return { type: 'interrupted', reason, usage: this.#cost.paid, metadata: this.#metadata };
  }

  #callExecutor(): Promise<ExecutionResult> {
    const { executor, runtime } = this.#parts;
    const context = {
      ...this.#begin(),
      attempt: this.#attempt,
      previous: previousOf(this.#task),
      rejections: rejectionsOf(this.#task),
    };
    return callExecutor(() => executor.execute(this.#task, context), this.#aborting, runtime);
  }

  #callVerifier(verifier: Verifier, execution: Executed): Promise<Verification> {
    const context = this.#begin();
    const call = () => verifier.verify(this.#task, execution, context);
    return callVerifier(call, this.#aborting, this.#parts.runtime);
  }

  /** A call begins. @returns what executor and verifier are both given. */
  #begin(): VerificationContext {
    const { budget } = this.#cost;
    budget.begin();
    const { givingBack } = this.#parts;
    return { signal: this.#aborting, givingBack, budget, resultOf: this.#results.resultOf };
  }

  /** What each event about this attempt says. */
  #about(): { task: Task; attempt: number } {
    return { task: this.#task, attempt: this.#attempt };
  }
}
