import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCredentials } from '../../claude/credentials.ts';
import { SAMPLE_PATH } from '../../package-files.ts';
import { type Context, withStore } from '../context.ts';
import { note, print } from '../output.ts';
import type { RunSettings } from '../run-options.ts';
import { conduct } from './conduct.ts';

/** Runs the package's sample tasks on a copy in a scratch folder: by Claude where there are credentials, else simulated. */
export async function runSample(context: Context, given: RunSettings): Promise<void> {
  const store = join(await mkdtemp(join(tmpdir(), 'orch-sample-')), 'tasks.json');
  await copyFile(SAMPLE_PATH, store);
  const source = findCredentials(context.env);
  const simulate = given.exec === undefined && (given.simulate || !source);
  const settings: RunSettings = simulate ? { ...given, simulate } : given;
  const say = context.json ? note : print;
  say(`The sample tasks, on a scratch copy: ${store}`);
  say(whoDoesThem(settings, source !== undefined));
  const scratch = { ...context, store };
  await withStore(scratch, (opened) => conduct(scratch, opened, settings));
}

function whoDoesThem(settings: RunSettings, hasCredentials: boolean): string {
  if (settings.exec !== undefined) return `Done by ${settings.exec}`;
  if (!settings.simulate) return 'Done by Claude';
  if (hasCredentials) return 'Simulated, as asked for: no model is called';
  return 'Simulated, because there are no credentials for Claude: set ANTHROPIC_API_KEY to have them done';
}
