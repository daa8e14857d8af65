import { createHash } from 'node:crypto';
import { findCredentials } from '../../claude/credentials.ts';

/** What the SDK is told by, beside files that the source of the credentials names. */
const VARIABLES = [
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_CUSTOM_HEADERS',
];

/** A word that stands for the API that is called and the credentials it is called with: who has another has other limits. */
export function serviceOf(env: NodeJS.ProcessEnv): string {
  const told = [findCredentials(env)?.description, ...VARIABLES.map((name) => env[name]?.trim())];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 12);
}
