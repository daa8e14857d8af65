import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { libraryIn, unpacked } from './debian.ts';
import { freePort } from './free-port.ts';
import { ownedFolder } from './owned-folder.ts';

/** Of Debian, with what it needs beyond any Debian. */
const PACKAGES = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'];

export type Pooling = 'session' | 'transaction' | 'statement';

interface Found {
  command: string;
  env: Record<string, string>;
}

/** PgBouncer of this machine, or of its Debian packages. @returns why there is none, in words. */
export function findPgBouncer(): Found | string {
  if (runs('pgbouncer', {})) return { command: 'pgbouncer', env: {} };
  const { root, problem } = unpacked('pgbouncer', PACKAGES);
  if (problem) return problem;
  const command = join(root, 'usr/sbin/pgbouncer');
  const env = { LD_LIBRARY_PATH: libraryIn(root) };
  return runs(command, env) ? { command, env } : 'the PgBouncer of its Debian package does not run here';
}

function runs(command: string, env: Record<string, string>): boolean {
  return spawnSync(command, ['--version'], { env: { ...process.env, ...env } }).status === 0;
}

/** A pooler before the server of this database, until the test ends. @param more settings. @returns the database through it */
export async function pgBouncer(
  { command, env }: Found,
  database: string,
  pooling: Pooling,
  more: readonly string[] = [],
): Promise<string> {
  const url = new URL(database);
  const port = await freePort();
  const folder = ownedFolder('orch-pgbouncer');
  const password = decodeURIComponent(url.password);
  const settings = [
    '[databases]',
    `* = host=${url.hostname} port=${url.port} user=${url.username} password=${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${pooling}`,
    ...more,
    // It does not run as root.
    ...(process.getuid?.() === 0 ? ['user = nobody'] : []),
  ];
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, `${settings.join('\n')}\n`);
  const child = spawn(command, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  await listens(child.stderr);
  url.port = String(port);
  return url.href;
}

/** It says so when it is there. */
async function listens(stderr: NodeJS.ReadableStream): Promise<void> {
  let said = '';
  for await (const chunk of stderr) {
    said += chunk;
    if (said.includes('process up')) break;
  }
  if (!said.includes('process up')) throw new Error(`PgBouncer did not start: ${said}`);
}
