import { dirname, resolve } from 'node:path';
import type { Context } from '../context.ts';
import type { RunSettings } from '../run-options.ts';
import { refuseStore, storePlace } from '../store-place.ts';
import { contradiction, usage } from '../values.ts';

export interface ReportPaths {
  junit?: string | undefined;
  summary?: string | undefined;
  /** The summary of a step of GitHub Actions, to which others write, too. */
  step?: string | undefined;
}

/** Where the reports of a run go. @throws `usage`: something is there that must not be replaced. */
export function reportPaths(context: Context, settings: RunSettings): ReportPaths {
  const { junit, summary, noSummary } = settings;
  for (const name of ['junit', 'summary'] as const) {
    const path = settings[name];
    if (path === undefined) continue;
    refuseStore(path, context.store);
    refuseFarAway(context, name, path);
  }
  if (junit !== undefined && summary !== undefined && storePlace(junit) === storePlace(summary))
    throw contradiction(`--junit ${junit}`, `--summary ${summary}`);
  const step = context.env.GITHUB_STEP_SUMMARY || undefined;
  // Named as the file of the step, it is added there as ever.
  if (step !== undefined && summary !== undefined && resolve(summary) === resolve(step))
    return { junit, step };
  return noSummary || summary !== undefined ? { junit, summary } : { junit, step };
}

/** A config file that came with a folder, as a cloned repository has it, must not have files replaced elsewhere. */
function refuseFarAway({ config }: Context, name: 'junit' | 'summary', path: string): void {
  if (!config?.wasFound || path !== config.run[name]) return;
  const folder = storePlace(dirname(config.path));
  if (storePlace(path).startsWith(`${folder}/`)) return;
  throw usage(
    `run.${name} in ${config.path} leads out of its folder; name the file with --config, or give --${name}`,
  );
}
