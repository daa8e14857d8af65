import { readFileSync } from 'node:fs';

/** The statements of docs/many-machines.md that give a role what running tasks needs. */
export function documentedGrants(role: string): string {
  const page = readFileSync(new URL('../../docs/many-machines.md', import.meta.url), 'utf8');
  const grants = /```sql\n(GRANT[\s\S]*?)```/.exec(page)?.[1];
  if (grants === undefined) throw new Error('docs/many-machines.md has no grants');
  return grants.replaceAll('orch_runner', role);
}
