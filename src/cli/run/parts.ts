import { findCredentials } from '../../claude/credentials.ts';
import type { Governor } from '../../claude/governor/governor.ts';
import { DEFAULT_MAX_TOKENS } from '../../claude/models.ts';
import type { PriceTable } from '../../claude/prices.ts';
import { hidingKeys, redacting } from '../../claude/redaction.ts';
import type { OrchestratorConfig } from '../../core/config.ts';
import { CommandExecutor } from '../../executors/command/command-executor.ts';
import { SimulatedExecutor } from '../../executors/simulated/simulated-executor.ts';
import type { Executor } from '../../ports/executor.ts';
import type { SafetyCheck } from '../../ports/safety-check.ts';
import type { Verifier } from '../../ports/verifier.ts';
import { allSafe } from '../../safety/all-of.ts';
import { CircuitBreaker } from '../../safety/circuit-breaker.ts';
import { DurationLimit } from '../../safety/duration-limit.ts';
import { FailureRateLimit } from '../../safety/failure-rate-limit.ts';
import { allOf } from '../../verifiers/all-of.ts';
import { CommandVerifier, type CommandVerifierOptions } from '../../verifiers/command/command-verifier.ts';
import { sealWith } from '../../verifiers/command/seal.ts';
import { ExpectVerifier } from '../../verifiers/expect/expect-verifier.ts';
import { SchemaVerifier } from '../../verifiers/schema/schema-verifier.ts';
import { SimulatedVerifier } from '../../verifiers/simulated/simulated-verifier.ts';
import { readSchema } from '../input/read-schema.ts';
import { digestsOf } from '../input/seal-checks.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';
import { commandFolder } from './command-folder.ts';
import { executorWithCriteria, verifierWithCriteria } from './with-criteria.ts';

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

/** Whether Claude judges results. */
export function isJudged(settings: RunSettings): boolean {
  return needsClaude(settings) && !settings.noVerify;
}

/** A short verdict needs room all the same: thinking counts. Who wants short answers wants short verdicts. */
export function judgeTokens({ maxTokens = DEFAULT_MAX_TOKENS }: RunSettings): number {
  return Math.min(maxTokens, DEFAULT_MAX_TOKENS);
}

/** What a person wrote in place of orch's own prompts; undefined where no file was named. */
export interface OwnPrompts {
  system?: string | undefined;
  retryPrompt?: string | undefined;
  judgeSystem?: string | undefined;
}

/** What executor and verifier share where Claude has a part in the run. */
export interface ClaudeParts {
  prices: PriceTable;
  governor?: Governor | undefined;
  /** Default: orch's own. */
  prompts?: OwnPrompts;
}

export async function buildExecutor(
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  { prompts, ...claude }: ClaudeParts,
): Promise<Executor> {
  const { exec, simulate, model, escalate, effort, maxTokens } = settings;
  const { taskTimeout: timeoutMs, idleTimeout: idleTimeoutMs } = settings;
  if (simulate) return new SimulatedExecutor();
  if (exec !== undefined) {
    const hide = { redact: redacting(env), redactOutput: hidingKeys(env) };
    const cwd = await commandFolder(settings);
    return new CommandExecutor({ command: exec, cwd, timeoutMs, idleTimeoutMs, ...hide });
  }
  const { ClaudeExecutor } = await import('../../executors/claude/claude-executor.ts');
  const { system, retryPrompt } = prompts ?? {};
  const executor = new ClaudeExecutor({
    ...{ model, escalate, effort, maxTokens, timeoutMs, system, retryPrompt },
    ...claude,
  });
  return executorWithCriteria(executor, settings.criteria);
}

/** What is known of the tasks' own checks. */
export type OwnChecks = Pick<CommandVerifierOptions, 'sealFolder' | 'mayRun'>;

/** What proves by itself, then the judge: all that apply must pass. */
export async function buildVerifier(
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  { prompts, ...claude }: ClaudeParts,
  own: OwnChecks = {},
): Promise<Verifier | undefined> {
  const { noVerify, simulate, verifierModel: model, verifierEffort: effort } = settings;
  if (noVerify) return undefined;
  if (simulate) return new SimulatedVerifier();
  const verifiers = await buildChecks(settings, env, own);
  if (needsClaude(settings)) {
    const { ClaudeVerifier } = await import('../../verifiers/claude/claude-verifier.ts');
    const system = prompts?.judgeSystem;
    verifiers.push(
      new ClaudeVerifier({ model, effort, system, maxTokens: judgeTokens(settings), ...claude }),
    );
  }
  return verifierWithCriteria(allOf(...verifiers), settings.criteria);
}

/** The cheapest first, each of the task's own and then of the run. What a check prints is kept without keys. */
async function buildChecks(
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  own: OwnChecks,
): Promise<Verifier[]> {
  const { expect, schema, check: command, checkFile = [], checkTimeout: timeoutMs } = settings;
  const options = { cwd: await commandFolder(settings), timeoutMs, redact: redacting(env) };
  const checks: Verifier[] = [new ExpectVerifier()];
  if (expect !== undefined) checks.push(new ExpectVerifier({ name: 'run-expect', expect }));
  checks.push(new SchemaVerifier());
  if (schema !== undefined)
    checks.push(new SchemaVerifier({ name: 'run-schema', schema: await readSchema(schema) }));
  checks.push(new CommandVerifier({ ...options, ...own }));
  if (command !== undefined) {
    const seal = sealWith(command, await digestsOf(checkFile, '.'));
    checks.push(new CommandVerifier({ name: 'run-check', command, seal, ...options }));
  }
  return checks;
}

export function buildSafety(settings: RunSettings): SafetyCheck {
  const { maxIterations = Infinity, maxFailures, maxDuration, maxFailureRate } = settings;
  const checks: SafetyCheck[] = [new CircuitBreaker({ maxIterations, maxConsecutiveFailures: maxFailures })];
  if (maxDuration !== undefined) checks.push(new DurationLimit({ maxDurationMs: maxDuration }));
  if (maxFailureRate !== undefined) checks.push(new FailureRateLimit({ maxFailureRate }));
  return allSafe(...checks);
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
    failFast: settings.failFast,
    maxCostUsd: settings.maxCost,
    maxTaskCostUsd: settings.maxTaskCost,
    stay: settings.stay,
    untilDue: settings.untilDue === undefined ? undefined : Date.parse(settings.untilDue),
  };
}
