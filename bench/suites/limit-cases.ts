import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { LimitServerOptions } from '../../test/support/limit-server.ts';
import type { Bench } from '../harness/bench.ts';
import { type Case, type Figures, NotMeasured } from '../harness/case.ts';
import { findProgram, freePort, startServer } from '../harness/server.ts';
import { needs } from './cases.ts';

const SERVER = resolve(import.meta.dirname, '../harness/limit-server.ts');
const SECONDS = 30;

/** An API with one limit that matters. */
export interface Limit {
  name: string;
  of: 'requests' | 'inputTokens' | 'outputTokens';
  perMinute: number;
  /** Most that the bucket holds. */
  burst: number;
  latencyMs: number;
  /** Of each task's description. */
  characters: number;
  /** Mean tokens of an answer. */
  meanOutput: number;
}

/** Part of the calls that are answered with 529, though they count. */
const OVERLOADED = 0.01;

/** The mean of a lognormal time is so much above its median, where the logarithm's standard deviation is 0.5. */
const MEAN_LATENCY = Math.exp(0.5 ** 2 / 2);

/** `orch run -j 64`, as one or several processes on one store. */
export function orchUnder(bench: Bench, limit: Limit, runs = 1): Case {
  const name = runs === 1 ? 'orch, told nothing' : `orch, ${runs} runs on one store`;
  return under(bench, limit, name, (url) => {
    const { characters } = limit;
    return bench.run('limit-orch.mjs', { url, runs, tasks: plenty(bench, limit), characters });
  });
}

/** @param queue p-queue's own options. */
export function pQueueUnder(bench: Bench, limit: Limit, name: string, queue: object): Case {
  return under(bench, limit, `p-queue, ${name}, SDK's retries`, async (url) => {
    needs('p-queue');
    return bench.runPeer('p-queue.mjs', { url, characters: limit.characters, queue });
  });
}

export function parallelUnder(bench: Bench, limit: Limit): Case {
  return under(bench, limit, 'GNU parallel -j50, curl --retry 5', async (url) => {
    const program = gnuParallel();
    const curl = findProgram('curl', 'CURL');
    if (!curl) throw new NotMeasured('curl is not on PATH; install it or set CURL to its path');
    const { characters } = limit;
    return bench.run('limit-parallel.mjs', { url, program, curl, tasks: plenty(bench, limit), characters });
  });
}

/** That of moreutils has the same name, and does something else. @throws NotMeasured when it is not installed. */
function gnuParallel(): string {
  const program = findProgram('parallel', 'PARALLEL');
  const version = program && spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout;
  if (program && version?.startsWith('GNU parallel')) return program;
  throw new NotMeasured('GNU parallel is not on PATH; install it or set PARALLEL to its path');
}

/** More tasks than can be done. */
function plenty(bench: Bench, { perMinute, burst, of, characters, meanOutput }: Limit): number {
  const tokens = { requests: 1, inputTokens: characters / 4, outputTokens: meanOutput };
  const most = (burst + (perMinute * bench.windowMs(SECONDS)) / 60_000) / tokens[of];
  return Math.ceil(most * 1.5) + 200;
}

function under(bench: Bench, limit: Limit, name: string, measure: (url: string) => Promise<Figures>): Case {
  const windowMs = bench.windowMs(SECONDS);
  const { of, perMinute, burst, latencyMs, meanOutput } = limit;
  return {
    name: `${limit.name}: ${name}`,
    measure: async () => {
      const port = await freePort();
      const bucket: LimitServerOptions = { [of]: { perMinute, burst }, latencyMs, windowMs };
      const options = { ...bucket, overloaded: OVERLOADED, meanOutput, seed: Date.now(), port };
      const args = [SERVER, JSON.stringify(options)];
      const server = await startServer(process.execPath, args, {
        port,
        ready: 'listening',
        stopSignal: 'SIGKILL',
      });
      try {
        return sharesOf(limit, windowMs, await measure(`http://127.0.0.1:${port}`));
      } finally {
        await server.stop();
      }
    },
  };
}

/** What was answered in the window, through what the limit lets through; and through what can be answered by its end. */
function sharesOf({ of, perMinute, burst, latencyMs }: Limit, windowMs: number, seen: Figures): Figures {
  const { answered = 0, refused = 0, requests = 1, lost = 0, peak = 0 } = seen;
  const done = of === 'requests' ? answered : (seen[of] ?? 0);
  const perMs = perMinute / 60_000;
  const whole = burst + perMs * windowMs;
  const share = done / (whole * (1 - OVERLOADED));
  const underWay = perMs * latencyMs * MEAN_LATENCY;
  const reached = share / (1 - underWay / whole);
  return { share, reached, refused, refusedShare: refused / requests, lost, requests, peak };
}
