import { dismissAll, strike } from './blows.ts';
import { Crew, Halted } from './crew.ts';
import type { Dice } from './dice.ts';
import type { Site } from './ground.ts';
import { judge } from './judge.ts';
import type { Blow } from './plan.ts';
import type { Violation } from './violation.ts';

export interface RoundParts {
  /** Nothing is there yet. */
  site: Site;
  blows: Blow[];
  dice: Dice;
  /** Ends it: it rejects with the reason. */
  signal: AbortSignal;
  onBlow: (blow: Blow) => void;
}

export interface RoundResult {
  workers: number;
  /** In the store at the end. */
  tasks: number;
  violations: Violation[];
}

/** One store: takes its blows, is worked on until everything is done, and is held against what was acknowledged. */
export async function playRound({ site, blows, dice, signal, onBlow }: RoundParts): Promise<RoundResult> {
  const crew = new Crew(site.store, signal);
  const violations: Violation[] = [];
  let tasks: Awaited<ReturnType<Site['inspect']>>;
  try {
    for (const blow of blows) {
      await strike(blow, crew, site, dice);
      onBlow(blow);
    }
    await finish(crew);
    tasks = await site.inspect(violations);
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    if (error.violation) violations.push(error.violation);
  } finally {
    await crew.disband();
  }
  violations.push(...judge(crew.told, tasks));
  return { workers: crew.size, tasks: tasks?.length ?? 0, violations };
}

async function finish(crew: Crew): Promise<void> {
  await dismissAll(crew);
  crew.hire({ adds: [], finish: true });
  await crew.untilEnded();
}
