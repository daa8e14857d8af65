import { join, resolve } from 'node:path';
import { startPostgres } from '../peers/postgres.ts';
import { startRedis } from '../peers/redis.ts';
import type { Figures } from './case.ts';
import { measureChild } from './child.ts';
import { inFolder } from './scratch.ts';
import type { Server } from './server.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** What suites are made with: where to write, how large to measure, and the servers of the peers. */
export class Bench {
  readonly scratch: string;
  readonly #quick: boolean;
  readonly #servers = new Map<string, Promise<Server>>();

  /** @param quick everything a thousand times smaller, to see that it works; such figures mean nothing. */
  constructor(scratch: string, quick: boolean) {
    this.scratch = scratch;
    this.#quick = quick;
  }

  /** How many tasks a case gets where it is meant to have `n`. */
  size(n: number): number {
    return this.#quick ? Math.max(10, Math.ceil(n / 1000)) : n;
  }

  /** How long a case watches where it is meant to watch for so many seconds. In milliseconds. */
  windowMs(seconds: number): number {
    return this.#quick ? 2_000 : seconds * 1000;
  }

  /** Measures a file of cases/ in a process of its own, with a fresh folder. */
  run(file: string, options: object): Promise<Figures> {
    return inFolder(this.scratch, (folder) => this.#child('cases', file, { folder, ...options }));
  }

  /** Measures a file of peers/ in a process of its own. */
  runPeer(file: string, options: object): Promise<Figures> {
    return this.#child('peers', file, options);
  }

  /** Started when first asked for, and kept until the end. */
  redis(): Promise<Server> {
    return this.#server('redis', startRedis);
  }

  postgres(): Promise<Server> {
    return this.#server('postgres', startPostgres);
  }

  /** Ends the servers. */
  async close(): Promise<void> {
    for (const server of await Promise.allSettled(this.#servers.values())) {
      if (server.status === 'fulfilled') await server.value.stop();
    }
  }

  #server(name: string, start: (scratch: string) => Promise<Server>): Promise<Server> {
    const server = this.#servers.get(name) ?? start(this.scratch);
    this.#servers.set(name, server);
    return server;
  }

  #child(folder: string, file: string, options: object): Promise<Figures> {
    return measureChild(join(ROOT, folder, file), options);
  }
}
