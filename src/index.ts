// The public library: re-exports only.

export { Governor, type GovernorOptions } from './claude/governor/governor.ts';
export type { LimitState, ModelState, WaitReason } from './claude/governor/state.ts';
export { OrchestratorBuilder } from './core/builder.ts';
export type { OrchestratorConfig } from './core/config.ts';
export type { Hook, HookErrorListener } from './core/hooks.ts';
export { Orchestrator, type OrchestratorState } from './core/orchestrator.ts';
export type { UnsavedOutput } from './core/run.ts';
export { ClaudeExecutor, type ClaudeExecutorOptions } from './executors/claude/claude-executor.ts';
export { CommandExecutor } from './executors/command/command-executor.ts';
export { SimulatedExecutor } from './executors/simulated/simulated-executor.ts';
export { bestAttempt, bestOutput } from './model/best-attempt.ts';
export { decide } from './model/decide.ts';
export { outputBytes, resultBytes } from './model/encoding.ts';
export { isOrchError, OrchError, type OrchErrorCode } from './model/errors.ts';
export type { EventMap, EventName, RetryCause, RunEvent, RunStats, StopReason } from './model/event.ts';
export type { Failure, FailureKind } from './model/failure.ts';
export type { Holds, LearnedLimit, LearnedLimits, ModelLimits } from './model/learned-limits.ts';
export type { Pool } from './model/pool.ts';
export type {
  Executed,
  ExecutionResult,
  Inconclusive,
  Judged,
  NotExecuted,
  NotVerified,
  Verification,
} from './model/result.ts';
export type { Checkpoint, Finding, Outcome, RetryPolicy, Settlement } from './model/settlement.ts';
export type {
  Attempt,
  AttemptOutcome,
  Counts,
  Lease,
  NewTask,
  Seal,
  Task,
  TaskEdit,
  TaskError,
  TaskErrorKind,
  TaskStatus,
} from './model/task.ts';
export type { Usage } from './model/usage.ts';
export type { Evidence, Verdict } from './model/verdict.ts';
export type { Budget, Refusal, Reservation } from './ports/budget.ts';
export type { ExecutionContext, Executor, Previous } from './ports/executor.ts';
export type { ResultOf } from './ports/result-of.ts';
export type { Gauge, SafetyCheck } from './ports/safety-check.ts';
export type {
  Added,
  Claim,
  ClaimAnswer,
  ClaimRequest,
  Intake,
  ListFilter,
  NothingToClaim,
  ResetSelection,
  RunInfo,
  StoppedRun,
  TaskStore,
} from './ports/task-store.ts';
export type { VerificationContext, Verifier } from './ports/verifier.ts';
export { asItIs, type Redact } from './process/redact.ts';
export { allSafe } from './safety/all-of.ts';
export { CircuitBreaker } from './safety/circuit-breaker.ts';
export { DurationLimit } from './safety/duration-limit.ts';
export { FailureRateLimit } from './safety/failure-rate-limit.ts';
export { JsonTaskStore } from './stores/json/json-task-store.ts';
export { MemoryTaskStore } from './stores/memory/memory-task-store.ts';
export { PostgresTaskStore } from './stores/postgres/postgres-task-store.ts';
export { allOf } from './verifiers/all-of.ts';
export { ClaudeVerifier, type ClaudeVerifierOptions } from './verifiers/claude/claude-verifier.ts';
export { CommandVerifier } from './verifiers/command/command-verifier.ts';
export { sealOf } from './verifiers/command/seal.ts';
export { ExpectVerifier } from './verifiers/expect/expect-verifier.ts';
export { SchemaVerifier } from './verifiers/schema/schema-verifier.ts';
export { SimulatedVerifier } from './verifiers/simulated/simulated-verifier.ts';
