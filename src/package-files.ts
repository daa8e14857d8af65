import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package's own folder: one above this file, and above each file of the build. */
const HOME = new URL('../', import.meta.url);

/** The tasks that come with orch. */
export const SAMPLE_PATH: string = fileURLToPath(new URL('tasks.json', HOME));

/** What orch's own package.json says, as far as it is asked for. */
export function manifest(): { version: string; engines: { node: string } } {
  return JSON.parse(readFileSync(new URL('package.json', HOME), 'utf8'));
}
