import type { Dispatcher } from 'undici';
import type { Secrets } from './secrets.ts';

/**
 * What connects our calls. Node's own gives up after 300 s without headers, whatever the SDK's timeout says; this one
 * waits. Once an answer has begun, it waits `idleMs` milliseconds for each next byte; 0: for ever. Where Node is told to heed HTTP_PROXY, HTTPS_PROXY and NO_PROXY (NODE_USE_ENV_PROXY=1, --use-env-proxy), so
 * does this.
 */
export async function connector(
  env: NodeJS.ProcessEnv,
  execArgv: string[],
  idleMs: number,
): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const patience = { headersTimeout: 0, bodyTimeout: idleMs };
  return usesEnvProxy(env, execArgv) ? new EnvHttpProxyAgent(patience) : new Agent(patience);
}

function usesEnvProxy(env: NodeJS.ProcessEnv, execArgv: string[]): boolean {
  const options = [...execArgv, ...(env.NODE_OPTIONS?.split(/\s+/) ?? [])];
  return env.NODE_USE_ENV_PROXY === '1' || options.includes('--use-env-proxy');
}

/**
 * Takes down what is really sent as a credential, since not all of them stand in a variable: a profile's access token,
 * and what it is obtained with, an identity or a refresh token.
 */
export function noteCredentials(request: RequestInit | undefined, secrets: Secrets): void {
  const sent = new Headers(request?.headers).get('authorization')?.trim();
  const token = sent?.replace(/^\S+\s+/, '');
  if (sent && token) for (const secret of [sent, token]) secrets.add(secret);
  else for (const grant of grants(request?.body)) secrets.add(grant);
}

/** Of a request to the token endpoint, which has no header for them. */
function grants(body: unknown): string[] {
  const text = typeof body === 'string' ? body : '';
  return [...text.matchAll(/"(?:assertion|refresh_token)":"([^"]+)"/g)].map(([, value]) => value!);
}
