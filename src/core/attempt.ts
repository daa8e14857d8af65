import type { EventMap, EventName, StopReason } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { Executed, ExecutionResult, Inconclusive, Verification } from '../model/result.ts';
import type { Checkpoint, Outcome } from '../model/settlement.ts';
import { checkpointOf, rejectionsOf, type Task } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { Executor } from '../ports/executor.ts';
import type { Claim, TaskStore } from '../ports/task-store.ts';
import type { Verifier } from '../ports/verifier.ts';
import { type Backoff, backoffDelay } from './backoff.ts';
import { callExecutor, callVerifier } from './calls.ts';
import { DependencyResults } from './dependency-results.ts';
import type { Outage } from './outage.ts';
import { previousOf } from './previous.ts';
import type { RunBudget } from './run-budget.ts';
import type { Runtime } from './runtime.ts';
import type { TaskBudget } from './task-budget.ts';

/** Times a verifier may say that it could not tell, before the task is set aside. */
const MAX_INCONCLUSIVE = 3;

/** What all attempts of a run need of it. */
export interface AttemptParts {
  store: TaskStore;
  executor: Executor;
  /** Absent: results are not verified. */
  verifier: Verifier | undefined;
  runtime: Runtime;
  backoff: Backoff;
  budget: RunBudget;
  executorOutage: Outage;
  verifierOutage: Outage;
  /** Of commands that verify: a check that answers does not show that the judge beside it does. */
  checkOutage: Outage;
  /** `true`: outages are waited out. */
  stay: boolean;
  /** Aborts when nothing new is to begin: waits end, work goes on. */
  draining: AbortSignal;
  /** Aborts when work that still waits for its turn, or for money, is to be given back. */
  givingBack: AbortSignal;
  emit<N extends EventName>(name: N, payload: EventMap[N]): void;
  /** Ends the run, because no task can be done now. */
  stopRun(reason: StopReason): void;
}

/** One claim of a task, from the execution (or the checkpoint of an earlier one) to what came of it. */
export class AttemptRunner {
  readonly #parts: AttemptParts;
  readonly #claim: Claim;
  readonly #aborting: AbortSignal;
  readonly #attempt: number;
  #task: Task;
  /** What an earlier run paid for the checkpoint that this one goes on with. */
  readonly #carried: Usage | undefined;
  #spent: Usage | undefined;
  /** What the last execution that said anything of itself said. */
  #metadata: Checkpoint['metadata'];
  #done: Omit<Checkpoint, 'usage'> | undefined;
  /** An execution that nobody was told of yet. */
  #executed: ExecutionResult | undefined;
  readonly #budget: TaskBudget;
  readonly #results: DependencyResults;
  #isLeft = false;

  /** @param aborting aborts when work on it is to end: the run is aborted, or the lease is lost. */
  constructor(claim: Claim, aborting: AbortSignal, parts: AttemptParts) {
    this.#parts = parts;
    this.#claim = claim;
    this.#aborting = aborting;
    this.#task = claim.task;
    this.#attempt = claim.task.attempts + 1;
    this.#carried = checkpointOf(claim.task)?.usage;
    this.#results = new DependencyResults(parts.store, claim.task);
    this.#budget = parts.budget.forTask(
      claim.task.id,
      () => addUsage(claim.task.usage, this.#paid()),
      (spentUsd, limitUsd) =>
        parts.emit('task:cost-warning', { task: this.#task, attempt: this.#attempt, spentUsd, limitUsd }),
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
    return this.#spent;
  }

  /** Whether nothing came of it, and nothing was spent: there was no money for its first call. */
  get isLeft(): boolean {
    return this.#isLeft && this.#spent === undefined;
  }

  /** What is in hand, for whoever must keep it when the store breaks. */
  get checkpoint(): Checkpoint | undefined {
    return this.#done && { ...this.#done, usage: this.#paid() };
  }

  /** Tells that it was executed, once what is kept of it is on disk: no hook is to know of it before. */
  announce(): void {
    const result = this.#executed;
    this.#executed = undefined;
    if (result) this.#parts.emit('task:execute', { task: this.#task, attempt: this.#attempt, result });
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
      await this.#paidFor(result.usage);
      this.#metadata = result.metadata ?? this.#metadata;
      if (result.success) {
        this.#parts.executorOutage.recovered();
        this.#executed = result;
        return result;
      }
      if (this.#aborting.aborted) return this.#interrupted('aborted');
      const gone = this.#results.whyGone();
      if (gone !== undefined) return this.#interrupted(gone);
      this.#executed = result;
      const { kind, message, silentMs } = result.error;
      const { output, metadata } = result;
      const { executorOutage: outage } = this.#parts;
      if (kind !== 'transient' && silentMs === undefined) outage.recovered();
      const isOut = silentMs !== undefined && outage.failed(result.error) !== undefined;
      if ((kind === 'failed' && !isOut) || kind === 'permanent') {
        return { type: kind, reason: message, output, metadata, usage: this.#paid() };
      }
      this.announce();
      const goOn = await this.#waitOut(result.error, failures, outage);
      if (!goOn) return this.#interrupted(message);
    }
  }

  async #judge(execution: Executed): Promise<Outcome> {
    const { verifier, store, runtime, givingBack } = this.#parts;
    const aborting = this.#aborting;
    const { output, confidence, metadata } = execution;
    const done = { output, confidence, metadata };
    this.#done = done;
    const kept = (): Checkpoint => ({ ...done, usage: this.#paid() });
    if (!verifier || !applies(verifier, this.#task)) return { type: 'unjudged', ...kept() };
    if (!checkpointOf(this.#task)) this.#task = await store.checkpoint(this.#claim.lease, kept());
    this.announce();
    if (aborting.aborted) return this.#interrupted('aborted');

    for (let transient = 1, inconclusive = 1; ; ) {
      this.#budget.begin();
      const verification = await callVerifier(
        () =>
          verifier.verify(this.#task, execution, {
            signal: aborting,
            givingBack,
            budget: this.#budget,
            resultOf: this.#results.resultOf,
          }),
        aborting,
        runtime,
      );
      await this.#paidFor(verification.usage);
      if (!('passed' in verification)) {
        const ended = aborting.aborted ? 'aborted' : this.#results.whyGone();
        if (ended !== undefined) return this.#interrupted(ended);
      }
      this.#parts.emit('task:verify', { task: this.#task, attempt: this.#attempt, verification });
      const outage = verification.isCheck ? this.#parts.checkOutage : this.#parts.verifierOutage;
      if (isAnswer(verification)) outage.recovered();
      if ('passed' in verification) {
        const { usage: _, metadata: judge, evidence, isCheck: __, ...verdict } = verification;
        return { type: 'judged', verdict, judge, evidence, ...kept() };
      }
      const { metadata: judge, evidence } = verification;
      if ('error' in verification) {
        const { error } = verification;
        if (error.kind === 'permanent')
          return { type: 'unverifiable', reason: error.message, judge, evidence, ...kept() };
        const goOn = await this.#waitOut(error, transient++, outage);
        if (!goOn) return this.#interrupted(error.message);
      } else if (isSilence(verification) && !outage.answeredWithin(verification.silentMs)) {
        const { reason, silentMs } = verification;
        const silence: Failure = { kind: 'failed', message: reason, silentMs };
        const goOn = await this.#waitOut(silence, transient++, outage);
        if (!goOn) return this.#interrupted(reason);
      } else {
        const { reason } = verification;
        if (inconclusive === MAX_INCONCLUSIVE)
          return { type: 'unverifiable', reason, judge, evidence, ...kept() };
        const goOn = await this.#backOff('inconclusive', reason, inconclusive++);
        if (!goOn) return this.#interrupted(reason);
      }
    }
  }

  /** After a transient or fatal failure, or a silence that is no fault of the task. @returns whether to try again. */
  async #waitOut(error: Failure, failures: number, outage: Outage): Promise<boolean> {
    if (error.kind === 'fatal') {
      this.#parts.stopRun({ kind: 'fatal', message: error.message });
      return false;
    }
    if (this.#budget.isRefused) {
      this.#budget.giveBack();
      this.#isLeft = true;
      return false;
    }
    const unavailable = outage.failed(error);
    if (unavailable && !this.#parts.stay) {
      this.#parts.stopRun(unavailable);
      return false;
    }
    return await this.#backOff('transient', error.message, failures, error.retryAfterMs);
  }

  async #backOff(
    cause: 'transient' | 'inconclusive',
    reason: string,
    failures: number,
    retryAfterMs?: number,
  ): Promise<boolean> {
    const { backoff, runtime, draining } = this.#parts;
    const aborting = this.#aborting;
    const delayMs = backoffDelay(backoff, failures, runtime.random, retryAfterMs);
    if (draining.aborted || aborting.aborted) return false;
    this.#parts.emit('task:retry', { task: this.#task, attempt: this.#attempt, cause, reason, delayMs });
    await runtime.sleep(delayMs, AbortSignal.any([draining, aborting]));
    return !draining.aborted && !aborting.aborted;
  }

  #interrupted(reason: string): Outcome {
    return { type: 'interrupted', reason, usage: this.#paid(), metadata: this.#metadata };
  }

  async #paidFor(usage: Usage | undefined): Promise<void> {
    this.#spent = addUsage(this.#spent, await this.#budget.answered(usage));
  }

  #paid(): Usage | undefined {
    return addUsage(this.#carried, this.#spent);
  }

  #callExecutor(): Promise<ExecutionResult> {
    const { executor, runtime, givingBack } = this.#parts;
    const context = {
      attempt: this.#attempt,
      signal: this.#aborting,
      givingBack,
      budget: this.#budget,
      previous: previousOf(this.#task),
      rejections: rejectionsOf(this.#task),
      resultOf: this.#results.resultOf,
    };
    this.#budget.begin();
    return callExecutor(() => executor.execute(this.#task, context), this.#aborting, runtime);
  }
}

/** Whether it shows that the service answers. */
function isAnswer(verification: Verification): boolean {
  if ('error' in verification) return verification.error.kind !== 'transient';
  return !('silentMs' in verification);
}

/** Nothing of an answer came before the deadline. */
function isSilence(verification: Inconclusive): verification is Inconclusive & { silentMs: number } {
  return verification.silentMs !== undefined && verification.silentMs > 0;
}

/** One that cannot even say so is asked, and says then what is wrong. */
function applies(verifier: Verifier, task: Task): boolean {
  try {
    return verifier.applies?.(task) ?? true;
  } catch {
    return true;
  }
}
