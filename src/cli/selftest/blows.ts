import { type Crew, Halted } from './crew.ts';
import type { Dice } from './dice.ts';
import type { Site } from './ground.ts';
import type { Job, Moment } from './job.ts';
import type { Blow } from './plan.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Workers of a store that work at once. */
const WORKERS = 3;

/** Workers that may come to their end without what they were started for: others may do all their work. */
const MOST_TRIES = 10;

/** Does one blow, from when there are workers enough until it has had its effect. @throws Halted. What the crew's signal says. */
export async function strike(blow: Blow, crew: Crew, site: Site, dice: Dice): Promise<void> {
  crew.fill(WORKERS - 1);
  switch (blow.type) {
    case 'point':
      await crew.untilEnded([await hireToDie(crew, blow.point, blow.pass)]);
      break;
    case 'instant':
      await dieSometime(crew, blow.after, dice);
      break;
    case 'stall':
      await stall(crew, blow.in);
      break;
    case 'power':
      await hireToDie(crew, blow.at, blow.pass);
      await crew.untilEnded(crew.killAll());
      await site.suffer(blow, crew.told, dice);
      break;
    case 'disconnect':
      await untilTold(crew, blow.after);
      await site.suffer(blow, crew.told, dice);
  }
}

/** One more worker adds what makes for so much to tell. */
async function untilTold(crew: Crew, more: number): Promise<void> {
  const goal = crew.told.length + more;
  crew.hire({ stay: true });
  await crew.until('the workers to begin', () => crew.told.length >= goal);
}

async function dieSometime(crew: Crew, after: number, dice: Dice): Promise<void> {
  await untilTold(crew, after);
  const victim = dice.pick(crew.working);
  victim.kill();
  await crew.untilEnded([victim]);
}

async function stall(crew: Crew, stopIn: 'execution' | 'verification'): Promise<void> {
  const { worker, hold } = await hireUntil(
    crew,
    'to hold a task',
    () => ({ stopIn }),
    (worker) => {
      const hold = crew.told.find((told) => told.worker === worker.number && told.kind === 'stopping');
      return hold?.kind === 'stopping' ? { worker, hold } : undefined;
    },
  );
  crew.fill(WORKERS);
  const { id, token, at } = hold;
  await crew.until(`task ${id} to be taken over from a stopped worker`, () =>
    crew.told.some((told) => {
      const isTaken = told.kind === 'setAside' || (told.kind === 'claimed' && told.token !== token);
      return isTaken && told.id === id && told.at > at;
    }),
  );
  crew.note({ kind: 'overtaken', id, token }, worker.number);
  worker.goOn();
  await crew.untilEnded([worker]);
}

/** @returns one that dies this moment. Where the pass that was meant was not reached, the first is. */
function hireToDie(crew: Crew, at: Moment, pass: number): Promise<WorkerProcess> {
  return hireUntil(
    crew,
    `to come to ${at}`,
    (tries) => ({ die: { at, pass: tries === 1 ? pass : 1 } }),
    (worker) => {
      const isDying = crew.told.some(({ kind, worker: by }) => kind === 'dying' && by === worker.number);
      return isDying ? worker : undefined;
    },
  );
}

/** Starts workers, one after the other, until something is found with one. Where the others have done its work, the next one is alone. */
async function hireUntil<T>(
  crew: Crew,
  what: string,
  jobOf: (tries: number) => Partial<Job>,
  find: (worker: WorkerProcess) => T | undefined,
): Promise<T> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    if (tries > 1) await dismissAll(crew);
    const worker = crew.hire(jobOf(tries));
    await crew.until(`a worker ${what}`, () => worker.hasEnded || find(worker) !== undefined);
    const found = find(worker);
    if (found !== undefined) return found;
  }
  throw new Halted({ rule: 'stuck', message: `None of ${MOST_TRIES} workers happened ${what}` });
}

/** They finish what they have in hand. */
export async function dismissAll(crew: Crew): Promise<void> {
  for (const worker of crew.working) worker.dismiss();
  await crew.untilEnded();
}
