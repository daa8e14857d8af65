import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the SDK would take its credentials from. Says the source, never the secret. */
interface CredentialSource {
  kind: 'api-key' | 'auth-token' | 'federation' | 'profile';
  /** For a person: the variable's name, or the profile's name and file. */
  description: string;
}

/**
 * Finds the credentials that the Anthropic SDK (1.12) would use, in its order, without loading it: ANTHROPIC_API_KEY,
 * ANTHROPIC_AUTH_TOKEN, the profile that ANTHROPIC_PROFILE names, workload identity federation by variables, the active
 * profile on disk. Does not ask whether they are still valid.
 * @returns undefined when there are none, or when the ones that come first cannot be used.
 */
export function findCredentials(env: NodeJS.ProcessEnv): CredentialSource | undefined {
  if (has(env, 'ANTHROPIC_API_KEY')) return { kind: 'api-key', description: 'ANTHROPIC_API_KEY' };
  if (has(env, 'ANTHROPIC_AUTH_TOKEN')) return { kind: 'auth-token', description: 'ANTHROPIC_AUTH_TOKEN' };
  const directory = configDirectory(env);
  const named = value(env, 'ANTHROPIC_PROFILE');
  if (named) return profileSource(directory, named, env);
  if (has(env, 'ANTHROPIC_FEDERATION_RULE_ID') && has(env, 'ANTHROPIC_ORGANIZATION_ID') && hasIdentity(env)) {
    return { kind: 'federation', description: 'ANTHROPIC_FEDERATION_RULE_ID' };
  }
  return profileSource(directory, activeProfile(directory), env);
}

function profileSource(
  directory: string | undefined,
  name: string,
  env: NodeJS.ProcessEnv,
): CredentialSource | undefined {
  if (!directory || !/^(?!\.{1,2}$)[\w.-]+$/.test(name)) return undefined;
  const file = join(directory, 'configs', `${name}.json`);
  const authentication = readAuthentication(file);
  if (!authentication) return undefined;
  const tokens = authentication.credentials_path ?? join(directory, 'credentials', `${name}.json`);
  const usable =
    authentication.type === 'user_oauth'
      ? existsSync(tokens)
      : authentication.type === 'oidc_federation' && (authentication.identity_token || hasIdentity(env));
  return usable ? { kind: 'profile', description: `profile ${name} (${file})` } : undefined;
}

interface Authentication {
  type?: unknown;
  credentials_path?: string;
  identity_token?: unknown;
}

function readAuthentication(file: string): Authentication | undefined {
  try {
    const config: { authentication?: Authentication } | null = JSON.parse(readFileSync(file, 'utf8'));
    return config?.authentication;
  } catch {
    return undefined;
  }
}

function activeProfile(directory: string | undefined): string {
  try {
    return (directory && readFileSync(join(directory, 'active_config'), 'utf8').trim()) || 'default';
  } catch {
    return 'default';
  }
}

function configDirectory(env: NodeJS.ProcessEnv): string | undefined {
  const own = value(env, 'ANTHROPIC_CONFIG_DIR');
  if (own) return own;
  const xdg = value(env, 'XDG_CONFIG_HOME');
  if (xdg) return join(xdg, 'anthropic');
  const home = value(env, 'HOME');
  return home && join(home, '.config', 'anthropic');
}

function hasIdentity(env: NodeJS.ProcessEnv): boolean {
  return has(env, 'ANTHROPIC_IDENTITY_TOKEN_FILE') || has(env, 'ANTHROPIC_IDENTITY_TOKEN');
}

function has(env: NodeJS.ProcessEnv, name: string): boolean {
  return value(env, name) !== undefined;
}

/** As the SDK reads a variable: blank is unset. */
function value(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}
