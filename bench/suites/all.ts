import type { Bench } from '../harness/bench.ts';
import type { Suite } from '../harness/case.ts';
import { add } from './add.ts';
import { bulk } from './bulk.ts';
import { fifty } from './fifty.ts';
import { floor } from './floor.ts';
import { growth } from './growth.ts';
import { large } from './large.ts';
import { limit } from './limit.ts';
import { one } from './one.ts';
import { postgres } from './postgres.ts';
import { processes } from './processes.ts';
import { scale } from './scale.ts';

/** By the name that the command line knows. */
export const SUITES: Record<string, (bench: Bench) => Suite> = {
  floor,
  one,
  fifty,
  growth,
  large,
  add,
  bulk,
  processes,
  limit,
  postgres,
  scale,
};
