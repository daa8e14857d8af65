import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { customHeaders } from './custom-headers.ts';

/** Where the SDK would take its credentials from. Says the source, never the secret. */
interface CredentialSource {
  kind: 'header' | 'api-key' | 'auth-token' | 'federation' | 'profile';
  /** For a person: the variable's name, or the profile's name and file. */
  description: string;
}

/**
 * Finds the credentials that the Anthropic SDK (1.12) would use, in its order, without loading it: an `Authorization` of
 * ANTHROPIC_CUSTOM_HEADERS, which is sent instead of any other, ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, the profile that
 * ANTHROPIC_PROFILE names, workload identity federation by variables, the active profile on disk, an `x-api-key` of
 * ANTHROPIC_CUSTOM_HEADERS. Does not ask whether they are still valid.
 * @returns undefined when there are none, or when the ones that come first cannot be used.
 */
export function findCredentials(env: NodeJS.ProcessEnv): CredentialSource | undefined {
  return headerSource(env, 'authorization') ?? ownSource(env) ?? headerSource(env, 'x-api-key');
}

function headerSource(env: NodeJS.ProcessEnv, wanted: string): CredentialSource | undefined {
  const found = customHeaders(env).find(([name]) => name.toLowerCase() === wanted);
  return found && { kind: 'header', description: `ANTHROPIC_CUSTOM_HEADERS (${found[0]})` };
}

function ownSource(env: NodeJS.ProcessEnv): CredentialSource | undefined {
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

/** Files that hold credentials of this environment, whichever are used: access tokens in JSON, identity tokens as they are. */
export function credentialFiles(env: NodeJS.ProcessEnv): { tokens: string[]; identities: string[] } {
  const directory = configDirectory(env);
  const name = value(env, 'ANTHROPIC_PROFILE') ?? activeProfile(directory);
  const authentication = directory
    ? readAuthentication(join(directory, 'configs', `${name}.json`))
    : undefined;
  const { credentials_path: own, identity_token: identity } = authentication ?? {};
  const tokens = own ?? (directory && join(directory, 'credentials', `${name}.json`));
  const identities = [value(env, 'ANTHROPIC_IDENTITY_TOKEN_FILE'), Object(identity).path];
  return { tokens: [tokens].filter(isPath), identities: identities.filter(isPath) };
}

function isPath(path: unknown): path is string {
  return typeof path === 'string' && path !== '';
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
