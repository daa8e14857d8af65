import type { Diagnosis } from '../../stores/diagnosis.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';

/** What was looked at, how it was found, and of a problem the exit code. */
export interface Finding extends Diagnosis {
  exit: number;
}

export interface DoctorOptions {
  /** Nothing is asked of the API. */
  offline?: boolean;
}

/** Looks at something that orch needs, changes nothing, and says how it was found. Never rejects. */
export type Check = (context: Context, options: DoctorOptions) => Promise<Finding[]>;

export function fine(check: string, text: string, facts?: Record<string, unknown>): Finding {
  return { check, ok: true, text, exit: EXIT.ok, ...(facts && { facts }) };
}

export function remarkable(check: string, text: string): Finding {
  return { check, ok: true, text, exit: EXIT.ok, isNote: true };
}

/** @param exit default: wrong configuration. */
export function wrong(check: string, text: string, exit: number = EXIT.usage): Finding {
  return { check, ok: false, text, exit };
}

/** The gravest: 4, 2, 75. */
export function exitOf(findings: readonly Finding[]): number {
  const order = [EXIT.store, EXIT.usage, EXIT.unavailable];
  return order.find((code) => findings.some(({ ok, exit }) => !ok && exit === code)) ?? EXIT.ok;
}
