import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Bench } from '../harness/bench.ts';
import { type Case, NotMeasured } from '../harness/case.ts';
import { PG_USER } from '../peers/postgres.ts';

// The cases that more than one suite has. Each is named by what it is and how large.

/** The bare journal: two records a task, one sync for every `group` tasks; at 1, two syncs a task. */
export function journal(bench: Bench, n: number, group: number): Case {
  const syncs = group === 1 ? 'two syncs a task' : `one sync for ${group} tasks`;
  return {
    name: `journal floor, ${syncs}`,
    measure: () => bench.run('journal.mjs', { n: bench.size(n), group }),
  };
}

/** The bare journal of tasks added at once: one record a task, one sync for all. */
export function journalBulk(bench: Bench, n: number): Case {
  return {
    name: 'journal floor, one sync for all',
    measure: () => bench.run('journal-bulk.mjs', { n: bench.size(n) }),
  };
}

export interface OrchOptions {
  resultBytes?: number;
  /** V8's heap is set as `orch run` sets it. Default: as Node has it. */
  collectEarly?: boolean;
}

/** orch with an executor that does nothing. */
export function orch(bench: Bench, n: number, concurrency: number, options: OrchOptions = {}): Case {
  const { resultBytes, collectEarly } = options;
  const results = resultBytes ? `, results of ${resultBytes} bytes` : '';
  const heap = collectEarly ? ', heap as in orch run' : '';
  return {
    name: `orch, concurrency ${concurrency}, ${n.toLocaleString('en-US')} tasks${results}${heap}`,
    measure: () => bench.run('orch-run.mjs', { n: bench.size(n), concurrency, resultBytes, collectEarly }),
  };
}

/** BullMQ on a Redis that writes nothing to disk. */
export function bullmq(bench: Bench, n: number, concurrency: number): Case {
  return {
    name: `BullMQ, Redis with AOF off, concurrency ${concurrency}`,
    measure: async () => {
      needs('bullmq');
      const { port } = await bench.redis();
      return bench.runPeer('bullmq.mjs', { port, n: bench.size(n), concurrency });
    },
  };
}

/** graphile-worker that fetches and completes in batches. */
export function graphile(bench: Bench, n: number, concurrency: number): Case {
  return {
    name: `graphile-worker, batching, concurrency ${concurrency}`,
    measure: async () => {
      needs('graphile-worker');
      const { port } = await bench.postgres();
      const url = `postgres://${PG_USER}@127.0.0.1:${port}/postgres`;
      return bench.runPeer('graphile.mjs', { url, n: bench.size(n), concurrency });
    },
  };
}

/** @throws NotMeasured when a peer is not installed. */
export function needs(library: string): void {
  if (existsSync(resolve(import.meta.dirname, '../peers/node_modules', library))) return;
  throw new NotMeasured(`${library} is not installed; run npm ci in bench/peers`);
}
