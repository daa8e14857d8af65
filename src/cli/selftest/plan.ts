import type { Dice } from './dice.ts';
import { ACKNOWLEDGED, type Acknowledged, type Moment } from './job.ts';

/** What is done to the workers of a store. */
export type Blow =
  /** One kills itself when it comes to this moment for the so manieth time. */
  | { type: 'point'; point: Moment; pass: number }
  /** One is killed when so many things more were told. */
  | { type: 'instant'; after: number }
  /** One is stopped with a task in hand until another has taken it over, and goes on then. */
  | { type: 'stall'; in: 'execution' | 'verification' }
  | Mishap;

/** What happens to all workers of a store at once. */
export type Mishap =
  /**
   * All are killed as soon as one has told this for the so manieth time, and what was not synced is lost: `all` of it, or what
   * lies beyond some byte, or in some sectors.
   */
  | { type: 'power'; at: Acknowledged; pass: number; cut: 'all' | 'some' }
  /** All lose their connections to the database when so many things more were told. */
  | { type: 'disconnect'; after: number };

/** What can happen where a self-test is. */
export interface Fates {
  /** At which workers are killed, in turn. */
  readonly moments: readonly Moment[];
  /** What happens to all workers of a store at once. */
  readonly mishap: Mishap['type'];
}

/** Blows that one store takes; then its work is finished and looked at, and the next one begins. */
const BLOWS_A_STORE = 20;

/** A worker passes each point, and tells each thing, so often at least, unless others do its work. */
const PASSES = 4;

/** A worker that is started gives occasion to tell more than this. */
const MOST_TOLD = 40;

/**
 * The blows for each store, in their order. Two kills of three are at the moments in turn, the third at a random instant. Beside them
 * there is a stall for every ten kills, and a mishap for every five.
 */
export function planBlows(kills: number, dice: Dice, { moments, mishap }: Fates): Blow[][] {
  const blows: Blow[] = [];
  let points = 0;
  for (let kill = 0; kill < kills; kill++) {
    if (kill % 3 === 2) blows.push({ type: 'instant', after: dice.between(1, MOST_TOLD) });
    else blows.push({ type: 'point', point: nth(moments, points++), pass: dice.between(1, PASSES) });
  }
  for (let stall = 0; stall < kills / 10; stall++) {
    blows.push({ type: 'stall', in: stall % 2 === 0 ? 'verification' : 'execution' });
  }
  for (let nr = 0; nr < kills / 5; nr++)
    blows.push(mishap === 'power' ? powerCut(nr, dice) : disconnection(dice));
  return inRounds(dice.shuffled(blows));
}

function powerCut(nr: number, dice: Dice): Mishap {
  return {
    type: 'power',
    at: nth(ACKNOWLEDGED, nr),
    pass: dice.between(1, PASSES),
    // Both for each of them.
    cut: nth(['all', 'some'], nr + Math.floor(nr / ACKNOWLEDGED.length)),
  };
}

function disconnection(dice: Dice): Mishap {
  return { type: 'disconnect', after: dice.between(1, MOST_TOLD) };
}

/** They come in turn. */
function nth<const T>(choices: readonly T[], index: number): T {
  return choices[index % choices.length] as T;
}

/** Rounds of about the same length. */
function inRounds(blows: Blow[]): Blow[][] {
  const rounds = Math.ceil(blows.length / BLOWS_A_STORE);
  return Array.from({ length: rounds }, (_, round) => blows.filter((_, index) => index % rounds === round));
}
