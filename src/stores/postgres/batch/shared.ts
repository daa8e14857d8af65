import type { LateLeases } from '../../late-leases.ts';
import type { Database } from '../connection/database.ts';
import type { Queue } from '../queue/queue.ts';
import type { Grace } from '../runs/grace.ts';
import type { Runs } from '../runs/runs.ts';
import type { Names } from '../tables/names.ts';
import type { Wants } from '../telling/wants.ts';
import type { Pace } from './pace.ts';

/** What the transactions of a store have in common: where things are, and what this process remembers from one to the next. */
export interface Shared {
  queue: Queue;
  names: Names;
  runs: Runs;
  wants: Wants;
  late: LateLeases;
  /** For what others left. */
  looks: Pace;
  /** Of tasks that have ended. */
  news: Pace;
  grace: Grace;
  database: Pick<Database, 'lostAt'>;
}
