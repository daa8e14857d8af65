import { layersHere } from '../config.ts';
import type { Context } from '../context.ts';
import { type Layer, requireCheck, resolveRunSettings } from '../layers.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

/** What a run is told by flags, environment and config file. @param given by flags. */
export function runSettings(context: Context, given: Layer): RunSettings {
  return resolveRunSettings([given, ...layersHere(context)]);
}

/** @param given by flags. @throws `usage`: one of them says nothing without another. */
export function refuseUseless(given: Layer, settings: RunSettings): void {
  refuseUnheard(given);
  if (given.values.idleTimeout && settings.exec === undefined)
    throw usage('--idle-timeout is for the command of --exec; give that too');
  requireCheck(given, settings);
}

function refuseUnheard({ values, nameOf }: Layer): void {
  for (const name of ['criteria', 'verifierModel', 'verifierEffort', 'judgeSystem'] as const) {
    if (!values[name] || !values.exec || values.judge) continue;
    throw usage(`${nameOf(name)} is for the judge, which is off with --exec; add --judge`);
  }
  if (values.outExt && !values.outDir) throw usage('--out-ext is for --out-dir; give that too');
}
