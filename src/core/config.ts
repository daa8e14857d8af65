import { unexpected } from '../model/expect.ts';
import type { RetryPolicy } from '../model/settlement.ts';

/** How a run goes about its work. What bounds it (iterations, time, failures in a row) are safety checks. */
export interface OrchestratorConfig {
  /** Tasks in hand at once. At least 1. Default 4. */
  concurrency: number;
  /** Attempts a task gets, unless it has a limit of its own. At least 1. Default 3. */
  maxAttempts: number;
  /** `false`: a verifier is not asked, and completed tasks are `verified: false`. Default true. */
  verifyResults: boolean;
  /** `false`: the first rejection or failure ends a task. Default true. */
  retryOnFailure: boolean;
  /** 0 to 1. A verdict that passed below it is a rejection. Default 0.7. */
  minConfidence: number;
  /** Milliseconds that a slot rests after each task. Default 0. */
  pauseBetweenTasks: number;
  /** Start at most so many tasks; their retries are not counted. Default: no limit. */
  limit?: number;
  /** The first task that ends failed is the last one: nothing new begins, what runs may finish. Default false. */
  failFast: boolean;
  /** Work on these tasks alone. Default: all. */
  only?: ReadonlySet<string>;
  /**
   * US dollars that paid calls may cost, those of other runs on this store that overlap in time with this one included; of several caps the
   * lowest holds. A price that is not known stops the run. What a module pays without asking its budget, or beyond what it asked for, counts once it has answered, so that
   * the cap is exceeded by as much before the run stops. Default: no cap.
   */
  maxCostUsd?: number;
  /** US dollars that paid calls for one task may cost, all its attempts together; a task that would cost more fails. Default: no limit. */
  maxTaskCostUsd?: number;
  /** Milliseconds since the epoch: wait for tasks that are due by then. Default: what is due later is left. */
  untilDue?: number;
  /** A word for the service that is called, and as whom: runs that have the same one share its limits. Default: none. */
  service?: string;
  /** Of the program that runs it, for those who look at the store. */
  version?: string;
  /** Wait for more when nothing is left, and through outages, until stopped. Default false. */
  stay: boolean;
  /** Milliseconds after which others may take over what this run holds, if it stops renewing. Default 30,000. */
  leaseMs: number;
  /** Milliseconds between renewals. Default 10,000: two of them may be lost before the lease ends. */
  renewMs: number;
  /** Milliseconds without one good answer after which a service counts as unavailable and the run ends. Default 600,000. */
  outageMs: number;
}

const DEFAULTS: OrchestratorConfig = {
  concurrency: 4,
  maxAttempts: 3,
  verifyResults: true,
  retryOnFailure: true,
  minConfidence: 0.7,
  pauseBetweenTasks: 0,
  failFast: false,
  stay: false,
  leaseMs: 30_000,
  renewMs: 10_000,
  outageMs: 600_000,
};

/** Fills in the defaults. @throws OrchError `usage` for a value that cannot be meant. */
export function completeConfig(given: Partial<OrchestratorConfig>): OrchestratorConfig {
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const config: OrchestratorConfig = { ...DEFAULTS, ...defined };
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
  const isPositive = (value: number): boolean => Number.isFinite(value) && value > 0;
  const expect = (key: keyof OrchestratorConfig, ok: boolean, what: string): void => {
    if (!ok) throw unexpected(key, what, config[key]);
  };
  expect('concurrency', isCount(config.concurrency), 'a whole number of at least 1');
  expect('maxAttempts', isCount(config.maxAttempts), 'a whole number of at least 1');
  expect('limit', config.limit === undefined || isCount(config.limit), 'a whole number of at least 1');
  const { untilDue } = config;
  expect('untilDue', untilDue === undefined || Number.isFinite(untilDue), 'milliseconds since the epoch');
  for (const name of ['maxCostUsd', 'maxTaskCostUsd'] as const) {
    expect(name, config[name] === undefined || isPositive(config[name]), 'US dollars above 0');
  }
  expect('minConfidence', config.minConfidence >= 0 && config.minConfidence <= 1, 'between 0 and 1');
  expect(
    'pauseBetweenTasks',
    config.pauseBetweenTasks === 0 || isPositive(config.pauseBetweenTasks),
    'milliseconds',
  );
  expect('leaseMs', isPositive(config.leaseMs), 'milliseconds above 0');
  expect(
    'renewMs',
    isPositive(config.renewMs) && config.renewMs < config.leaseMs,
    'milliseconds below leaseMs',
  );
  expect('outageMs', isPositive(config.outageMs), 'milliseconds above 0');
  return config;
}

export function retryPolicy(config: OrchestratorConfig): RetryPolicy {
  const { maxAttempts, retryOnFailure, minConfidence } = config;
  return { maxAttempts, retry: retryOnFailure, minConfidence };
}
