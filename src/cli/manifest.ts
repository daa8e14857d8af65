import { readFileSync } from 'node:fs';

/** What orch's own package.json says, as far as it is asked for. */
export function manifest(): { version: string; engines: { node: string } } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
}
