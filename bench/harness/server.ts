import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** A server that was started for measuring and is ended after it. */
export interface Server {
  port: number;
  stop(): Promise<void>;
}

/** @returns the program's path: what the variable says, else where PATH has it. */
export function findProgram(name: string, variable: string): string | undefined {
  const given = process.env[variable];
  if (given) return given;
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found');
  return address.port;
}

/** Starts a server and waits for the line that says it is ready. It does not outlive this process. */
export async function startServer(
  program: string,
  args: string[],
  options: SpawnOptions & { port: number; ready: string; stopSignal: NodeJS.Signals },
): Promise<Server> {
  const { port, ready, stopSignal, ...spawning } = options;
  const child = spawn(program, args, { ...spawning, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): boolean => child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  await untilReady(child, ready);
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill(stopSignal);
    await ended;
    process.off('exit', kill);
  };
  return { port, stop };
}

function untilReady(child: ChildProcess, ready: string): Promise<void> {
  const seen: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`ended at once: ${seen.slice(-3).join(' ')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        seen.push(line);
        if (line.includes(ready)) resolve();
      });
    }
  });
}
