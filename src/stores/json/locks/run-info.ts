import type { LiveRun } from '../../../ports/task-store.ts';
import {
  type Check,
  isAmount,
  isBoolean,
  isCount,
  isListOf,
  isNumber,
  isObject,
  isOneOf,
  isRecord,
  isString,
  isTime,
  Mismatch,
} from '../../shape.ts';

/** Without these nothing is known of a run. */
const isRunInfo = isRecord({ id: isString, pid: isCount(0), host: isString, startedAt: isTime });

const isGauge = isRecord(
  { what: isString, used: isNumber, limit: isNumber },
  { unit: isOneOf(['ms', 'share', 'usd']) },
);

/** What a run may say of itself beside that. */
const OPTIONAL: Partial<Record<keyof LiveRun, Check>> = {
  maxCostUsd: isAmount,
  safety: isRecord(
    { near: isListOf(isGauge) },
    { tripped: isString, leftOut: isRecord({ count: isCount(0), reason: isString }) },
  ),
  service: isString,
  version: isString,
  selective: isBoolean,
  limits: isObject,
  holds: isObject,
};

/**
 * What a run's file says of it, as far as it can be understood: another version of orch may have written it, or somebody else.
 * @returns undefined where it is none of a run.
 */
export function soundRunInfo(value: unknown): LiveRun | undefined {
  if (!passes(isRunInfo, value)) return undefined;
  const sound = { ...(value as LiveRun) };
  for (const [name, check] of Object.entries(OPTIONAL)) {
    const key = name as keyof typeof OPTIONAL;
    if (sound[key] !== undefined && !passes(check, sound[key])) delete sound[key];
  }
  return sound;
}

function passes(check: Check, value: unknown): boolean {
  try {
    check(value);
    return true;
  } catch (error) {
    if (error instanceof Mismatch) return false;
    throw error;
  }
}
