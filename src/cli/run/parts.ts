import { findCredentials } from '../../claude/credentials.ts';
import type { Governor } from '../../claude/governor/governor.ts';
import { knownSecrets, redact } from '../../claude/redact.ts';
import type { OrchestratorConfig } from '../../core/config.ts';
import { CommandExecutor } from '../../executors/command/command-executor.ts';
import { SimulatedExecutor } from '../../executors/simulated/simulated-executor.ts';
import type { Executor } from '../../ports/executor.ts';
import type { SafetyCheck } from '../../ports/safety-check.ts';
import type { Verifier } from '../../ports/verifier.ts';
import { allSafe } from '../../safety/all-of.ts';
import { CircuitBreaker } from '../../safety/circuit-breaker.ts';
import { DurationLimit } from '../../safety/duration-limit.ts';
import { allOf } from '../../verifiers/all-of.ts';
import { CommandVerifier } from '../../verifiers/command/command-verifier.ts';
import { SimulatedVerifier } from '../../verifiers/simulated/simulated-verifier.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

export function needsClaude(settings: RunSettings): boolean {
  if (settings.simulate) return false;
  return settings.exec === undefined || settings.judge === true;
}

/** Before anything is claimed. @throws `usage` */
export function requireCredentials(settings: RunSettings, env: NodeJS.ProcessEnv): void {
  if (!needsClaude(settings)) return;
  if (findCredentials(env)) return;
  const waysOut =
    settings.exec === undefined
      ? 'set ANTHROPIC_API_KEY, do the tasks by a command with --exec, or have them simulated with --simulate'
      : 'set ANTHROPIC_API_KEY, or leave out --judge';
  throw usage(`No credentials for the Claude API were found: ${waysOut}`);
}

/** @param governor that of the run, which executor and verifier share; there is one where Claude is needed. */
export async function buildExecutor(
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  governor?: Governor,
): Promise<Executor> {
  const { exec, simulate, taskTimeout: timeoutMs, model, maxTokens } = settings;
  if (simulate) return new SimulatedExecutor();
  if (exec !== undefined) return new CommandExecutor({ command: exec, timeoutMs, redact: withoutKeys(env) });
  const { ClaudeExecutor } = await import('../../executors/claude/claude-executor.ts');
  return new ClaudeExecutor({ model, maxTokens, timeoutMs, governor });
}

/** The task's own check, then the run's, then the judge: all that apply must pass. What a check prints is kept without keys. */
export async function buildVerifier(
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  governor?: Governor,
): Promise<Verifier | undefined> {
  const { noVerify, simulate, check: command, verifierModel: model } = settings;
  if (noVerify) return undefined;
  if (simulate) return new SimulatedVerifier();
  const verifiers: Verifier[] = [new CommandVerifier({ redact: withoutKeys(env) })];
  if (command !== undefined) verifiers.push(new CommandVerifier({ command, redact: withoutKeys(env) }));
  if (needsClaude(settings)) {
    const { ClaudeVerifier } = await import('../../verifiers/claude/claude-verifier.ts');
    verifiers.push(new ClaudeVerifier({ model, governor }));
  }
  return allOf(...verifiers);
}

/** What commands print may hold the credentials that they were given; what is kept of it does not. */
function withoutKeys(env: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = knownSecrets(env);
  return (text) => redact(text, secrets);
}

export function buildSafety(settings: RunSettings): SafetyCheck {
  const { maxIterations = Infinity, maxFailures, maxDuration } = settings;
  const breaker = new CircuitBreaker({ maxIterations, maxConsecutiveFailures: maxFailures });
  if (maxDuration === undefined) return breaker;
  return allSafe(breaker, new DurationLimit({ maxDurationMs: maxDuration }));
}

export function configOf(settings: RunSettings): Partial<OrchestratorConfig> {
  return {
    concurrency: settings.concurrency,
    maxAttempts: settings.maxAttempts,
    verifyResults: !settings.noVerify,
    retryOnFailure: !settings.noRetry,
    minConfidence: settings.minConfidence,
    pauseBetweenTasks: settings.pauseBetween,
    limit: settings.limit,
    stay: settings.stay,
  };
}
