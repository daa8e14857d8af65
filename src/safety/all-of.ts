import type { Gauge, SafetyCheck } from '../ports/safety-check.ts';

/**
 * A safety check that lets a run go on while all of these do. Each of them learns of everything. The reason is that of
 * the one that tripped first, the deadline the earliest. Without any it never stops a run.
 */
export function allSafe(...checks: SafetyCheck[]): SafetyCheck {
  return new AllSafe(checks);
}

class AllSafe implements SafetyCheck {
  readonly #checks: SafetyCheck[];
  #tripped: SafetyCheck | undefined;

  constructor(checks: SafetyCheck[]) {
    this.#checks = checks;
  }

  get stopReason(): string | undefined {
    return this.#tripped?.stopReason;
  }

  get isShared(): boolean {
    return this.#tripped?.isShared ?? false;
  }

  get gauges(): Gauge[] {
    return this.#checks.flatMap((check) => check.gauges ?? []);
  }

  get deadline(): number | undefined {
    const deadlines = this.#checks.map((check) => check.deadline).filter((at) => at !== undefined);
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  }

  allowContinue(): boolean {
    this.#tripped ??= this.#checks.find((check) => !check.allowContinue());
    return this.#tripped === undefined;
  }

  recordAttempt(): void {
    this.#record((check) => check.recordAttempt?.());
  }

  takeBackAttempt(): void {
    this.#record((check) => check.takeBackAttempt?.());
  }

  recordSuccess(): void {
    this.#record((check) => check.recordSuccess());
  }

  recordFailure(reason: string): void {
    this.#record((check) => check.recordFailure(reason));
  }

  /** A record can trip a check before anybody asks it. */
  #record(tell: (check: SafetyCheck) => void): void {
    for (const check of this.#checks) tell(check);
    this.#tripped ??= this.#checks.find((check) => check.stopReason !== undefined);
  }
}
