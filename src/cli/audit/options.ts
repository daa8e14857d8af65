import type { RunOptionName } from '../run-options.ts';

/** Options that an audit shares with a run. */
export const AUDIT_OPTIONS = [
  'concurrency',
  'cwd',
  'check',
  'checkFile',
  'checkTimeout',
  'expect',
  'schema',
  'criteria',
  'verifierModel',
  'verifierEffort',
  'judgeSystem',
  'minConfidence',
  'maxCost',
  'heartbeat',
] as const satisfies RunOptionName[];
