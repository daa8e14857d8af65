import { isoTime } from '../model/clock.ts';
import type { FailureKind } from '../model/failure.ts';
import { isObject } from '../model/is-object.ts';
import type { Executed, ExecutionResult, NotExecuted, Verification } from '../model/result.ts';
import type { Usage } from '../model/usage.ts';
import type { Evidence, Verdict } from '../model/verdict.ts';

/**
 * What executors and verifiers return, made fit to be kept: they may be anybody's modules, in plain JavaScript. What is
 * odd beside the answer itself is left out; an answer that is none is undefined.
 */

const KINDS: readonly string[] = ['failed', 'transient', 'permanent', 'fatal'] satisfies FailureKind[];

export function soundExecution(answer: unknown): ExecutionResult | undefined {
  if (!isObject(answer)) return undefined;
  if (answer.success === true && typeof answer.output === 'string') {
    return { success: true, output: answer.output, ...extras(answer) };
  }
  if (answer.success !== false || !isObject(answer.error)) return undefined;
  const failed: NotExecuted = { success: false, error: soundFailure(answer.error), ...extras(answer) };
  return typeof answer.output === 'string' ? { ...failed, output: answer.output } : failed;
}

export function soundVerification(answer: unknown): Verification | undefined {
  if (!isObject(answer)) return undefined;
  const kept = {
    ...usageOf(answer.usage),
    ...metadataOf(answer.metadata),
    ...evidenceOf(answer.evidence),
    ...(answer.isCheck === true && { isCheck: true as const }),
  };
  if (isObject(answer.error)) return { error: soundFailure(answer.error), ...kept };
  if (answer.inconclusive === true)
    return {
      inconclusive: true,
      reason: text(answer.reason, 'no reason given'),
      ...silenceOf(answer.silentMs),
      ...kept,
    };
  const verdict = verdictOf(answer);
  return verdict && { ...verdict, ...kept };
}

function verdictOf({
  passed,
  confidence,
  feedback,
  issues,
  tampered,
}: Record<string, unknown>): Verdict | undefined {
  if (typeof passed !== 'boolean' || !isShare(confidence)) return undefined;
  const named = Array.isArray(issues) ? issues.map(issueText) : [];
  const changed = Array.isArray(tampered) && { tampered: tampered.map(issueText) };
  return { passed, confidence, feedback: text(feedback, ''), issues: named, ...changed };
}

/** What is no verdict is no evidence. */
function evidenceOf(evidence: unknown): { evidence?: Evidence[] } {
  if (!Array.isArray(evidence)) return {};
  const sound = evidence.filter(isObject).flatMap((each): Evidence[] => {
    const verdict = verdictOf(each);
    if (!verdict) return [];
    return [{ verifier: text(each.verifier, 'verifier'), ...verdict, ...metadataOf(each.metadata) }];
  });
  return sound.length > 0 ? { evidence: sound } : {};
}

function soundFailure(error: Record<string, unknown>): NotExecuted['error'] {
  const kind = KINDS.includes(String(error.kind)) ? (error.kind as FailureKind) : 'failed';
  const message = text(error.message, 'no reason given');
  const { retryAfterMs, resumeAt } = error;
  return {
    kind,
    message,
    ...(typeof retryAfterMs === 'number' && retryAfterMs >= 0 && { retryAfterMs }),
    ...(isTime(resumeAt) && { resumeAt: isoTime(Date.parse(resumeAt)) }),
    ...(kind === 'failed' && silenceOf(error.silentMs)),
  };
}

function silenceOf(silentMs: unknown): { silentMs?: number } {
  return typeof silentMs === 'number' && silentMs >= 0 ? { silentMs } : {};
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function extras({
  confidence,
  usage,
  metadata,
}: Record<string, unknown>): Pick<Executed, 'confidence' | 'usage' | 'metadata'> {
  return {
    ...(isShare(confidence) && { confidence }),
    ...usageOf(usage),
    ...metadataOf(metadata),
  };
}

function usageOf(usage: unknown): { usage?: Usage } {
  if (!isObject(usage)) return {};
  const count = (value: unknown): number | undefined =>
    typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
  const sound: Usage = {
    inputTokens: count(usage.inputTokens) ?? 0,
    outputTokens: count(usage.outputTokens) ?? 0,
  };
  for (const name of ['cacheReadTokens', 'cacheWriteTokens', 'costUsd', 'possibleUsd'] as const) {
    const value = count(usage[name]);
    if (value !== undefined) sound[name] = value;
  }
  return { usage: sound };
}

/** An issue should be a text; whatever else it is says something too. */
function issueText(issue: unknown): string {
  try {
    return typeof issue === 'string' ? issue : (JSON.stringify(issue) ?? '');
  } catch {
    return 'an issue that has no text';
  }
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** As JSON keeps it, and apart from the original, which its maker may go on changing. */
function metadataOf(metadata: unknown): { metadata?: Record<string, unknown> } {
  if (!isObject(metadata)) return {};
  try {
    const kept: unknown = JSON.parse(JSON.stringify(metadata) ?? 'null');
    return isObject(kept) ? { metadata: kept } : {};
  } catch {
    return {};
  }
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
