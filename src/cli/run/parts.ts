import type { OrchestratorConfig } from '../../core/config.ts';
import type { Executor } from '../../ports/executor.ts';
import type { SafetyCheck } from '../../ports/safety-check.ts';
import type { Verifier } from '../../ports/verifier.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

/** Failed tasks in a row that stop a run, unless it is told otherwise. */
const MAX_FAILURES = 10;

export function needsClaude(settings: RunSettings): boolean {
  if (settings.simulate) return false;
  return settings.exec === undefined || settings.judge === true;
}

/** Before anything is claimed. @throws `usage` */
export async function requireCredentials(settings: RunSettings, env: NodeJS.ProcessEnv): Promise<void> {
  if (!needsClaude(settings)) return;
  const { findCredentials } = await import('../../claude/credentials.ts');
  if (findCredentials(env)) return;
  const waysOut =
    settings.exec === undefined
      ? 'set ANTHROPIC_API_KEY, do the tasks by a command with --exec, or rehearse with --simulate'
      : 'set ANTHROPIC_API_KEY, or leave out --judge';
  throw usage(`No credentials for the Claude API were found: ${waysOut}`);
}

export async function buildExecutor(settings: RunSettings): Promise<Executor> {
  const { exec, simulate, taskTimeout: timeoutMs, model, maxTokens } = settings;
  if (simulate) {
    const { SimulatedExecutor } = await import('../../executors/simulated/simulated-executor.ts');
    return new SimulatedExecutor();
  }
  if (exec !== undefined) {
    const { CommandExecutor } = await import('../../executors/command/command-executor.ts');
    return new CommandExecutor({ command: exec, timeoutMs });
  }
  const { ClaudeExecutor } = await import('../../executors/claude/claude-executor.ts');
  return new ClaudeExecutor({ model, maxTokens, timeoutMs });
}

/** The task's own check, then the run's, then the judge: all that apply must pass. */
export async function buildVerifier(settings: RunSettings): Promise<Verifier | undefined> {
  const { noVerify, simulate, check: command, verifierModel: model } = settings;
  if (noVerify) return undefined;
  if (simulate) {
    const { SimulatedVerifier } = await import('../../verifiers/simulated/simulated-verifier.ts');
    return new SimulatedVerifier();
  }
  const { CommandVerifier } = await import('../../verifiers/command/command-verifier.ts');
  const { allOf } = await import('../../verifiers/all-of.ts');
  const verifiers: Verifier[] = [new CommandVerifier()];
  if (command !== undefined) verifiers.push(new CommandVerifier({ command }));
  if (needsClaude(settings)) {
    const { ClaudeVerifier } = await import('../../verifiers/claude/claude-verifier.ts');
    verifiers.push(new ClaudeVerifier({ model }));
  }
  return allOf(...verifiers);
}

export async function buildSafety(settings: RunSettings): Promise<SafetyCheck> {
  const { maxIterations = Infinity, maxFailures = MAX_FAILURES, maxDuration } = settings;
  const { CircuitBreaker } = await import('../../safety/circuit-breaker.ts');
  const breaker = new CircuitBreaker({ maxIterations, maxConsecutiveFailures: maxFailures });
  if (maxDuration === undefined) return breaker;
  const { DurationLimit } = await import('../../safety/duration-limit.ts');
  const { allSafe } = await import('../../safety/all-of.ts');
  return allSafe(breaker, new DurationLimit({ maxDurationMs: maxDuration }));
}

export function configOf(settings: RunSettings): Partial<OrchestratorConfig> {
  const { concurrency = 4, maxAttempts, minConfidence, pauseBetween, limit } = settings;
  return {
    concurrency,
    verifyResults: !settings.noVerify,
    retryOnFailure: !settings.noRetry,
    stay: settings.stay ?? false,
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(minConfidence !== undefined && { minConfidence }),
    ...(pauseBetween !== undefined && { pauseBetweenTasks: pauseBetween }),
    ...(limit !== undefined && { limit }),
  };
}
