import { RUN_OPTION_NAMES, type RunOptionName, type RunSettings } from './run-options.ts';
import { contradiction, usage } from './values.ts';

/** The settings of one source. */
export interface Layer {
  /** How an error calls the option: `--exec`, `ORCH_EXEC`, `run.exec in orch.config.json`. */
  nameOf(option: RunOptionName): string;
  values: RunSettings;
}

/** Pairs of which one leaves the other nothing to say. */
const CONTRADICTIONS: [RunOptionName, RunOptionName][] = [
  ['exec', 'simulate'],
  ['exec', 'model'],
  ['exec', 'maxTokens'],
  ['exec', 'escalate'],
  ['exec', 'effort'],
  ['exec', 'system'],
  ['exec', 'retryPrompt'],
  ['simulate', 'model'],
  ['simulate', 'maxTokens'],
  ['simulate', 'escalate'],
  ['simulate', 'effort'],
  ['simulate', 'system'],
  ['simulate', 'retryPrompt'],
  ['simulate', 'taskTimeout'],
  ['simulate', 'cwd'],
  ['simulate', 'idleTimeout'],
  ['simulate', 'check'],
  ['simulate', 'checkFile'],
  ['simulate', 'checkTimeout'],
  ['simulate', 'expect'],
  ['simulate', 'schema'],
  ['simulate', 'criteria'],
  ['simulate', 'judge'],
  ['simulate', 'verifierModel'],
  ['simulate', 'verifierEffort'],
  ['simulate', 'judgeSystem'],
  ['simulate', 'stay'],
  ['simulate', 'untilDue'],
  ['simulate', 'outDir'],
  ['noVerify', 'check'],
  ['noVerify', 'checkFile'],
  ['noVerify', 'checkTimeout'],
  ['noVerify', 'expect'],
  ['noVerify', 'schema'],
  ['noVerify', 'judge'],
  ['noVerify', 'verifierModel'],
  ['noVerify', 'verifierEffort'],
  ['noVerify', 'judgeSystem'],
  ['noVerify', 'escalate'],
  ['noVerify', 'minConfidence'],
  ['noRetry', 'maxAttempts'],
  ['noRetry', 'escalate'],
  ['noRetry', 'retryPrompt'],
  ['summary', 'noSummary'],
  ['limit', 'stay'],
  ['untilDue', 'stay'],
];

/**
 * One set of settings from several sources, the first of which wins. What contradicts a stronger source is left out;
 * a contradiction within one source is a usage error.
 */
export function resolveRunSettings(layers: Layer[]): RunSettings {
  const settings: RunSettings = {};
  for (const layer of layers) {
    refuseContradictions(layer);
    const stronger = { ...settings };
    for (const option of RUN_OPTION_NAMES) {
      const value = layer.values[option];
      const overruled = opponents(option).some((other) => asksFor(stronger[other]));
      if (value === undefined || stronger[option] !== undefined || overruled) continue;
      Object.assign(settings, { [option]: value });
    }
  }
  return settings;
}

/** @throws `usage`: somebody names files of a check, and there is none. */
export function requireCheck({ values, nameOf }: Layer, { check }: RunSettings): void {
  if (values.checkFile && check === undefined)
    throw usage(`${nameOf('checkFile')} names what ${nameOf('check')} uses; give that too`);
}

/** A switch that is off asks for nothing, and contradicts nothing. */
function asksFor(value: unknown): boolean {
  return value !== undefined && value !== false;
}

function refuseContradictions({ values, nameOf }: Layer): void {
  for (const [one, other] of CONTRADICTIONS) {
    if (asksFor(values[one]) && asksFor(values[other])) throw contradiction(nameOf(one), nameOf(other));
  }
}

function opponents(option: RunOptionName): RunOptionName[] {
  return CONTRADICTIONS.flatMap(([a, b]) => (a === option ? [b] : b === option ? [a] : []));
}
