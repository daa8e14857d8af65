import { FAULT_POINTS, type FaultPoint } from '../../stores/json/disk/fault-points.ts';
import type { Dice } from './dice.ts';
import { ACKNOWLEDGED, type Acknowledged } from './job.ts';

/** What is done to the workers of a store. */
export type Blow =
  /** One kills itself when it passes this point for the so manieth time. */
  | { type: 'point'; point: FaultPoint; pass: number }
  /** One is killed when so many things more were told. */
  | { type: 'instant'; after: number }
  /** One is stopped with a task in hand until another has taken it over, and goes on then. */
  | { type: 'stall'; in: 'execution' | 'verification' }
  /**
   * All are killed as soon as one has told this for the so manieth time, and what was not synced is lost: `all` of it, or what
   * lies beyond some byte, or in some sectors.
   */
  | { type: 'power'; at: Acknowledged; pass: number; cut: 'all' | 'some' };

/** Blows that one store takes; then its work is finished and looked at, and the next one begins. */
const BLOWS_A_STORE = 20;

/** A worker passes each point, and tells each thing, so often at least, unless others do its work. */
const PASSES = 4;

/** A worker that is started gives occasion to tell more than this. */
const MOST_TOLD = 40;

/**
 * The blows for each store, in their order. Two kills of three are at the points in turn, the third at a random instant. Beside them
 * there is a stall for every ten kills, and a power cut for every five.
 */
export function planBlows(kills: number, dice: Dice): Blow[][] {
  const blows: Blow[] = [];
  let points = 0;
  for (let kill = 0; kill < kills; kill++) {
    if (kill % 3 === 2) blows.push({ type: 'instant', after: dice.between(1, MOST_TOLD) });
    else blows.push({ type: 'point', point: nth(FAULT_POINTS, points++), pass: dice.between(1, PASSES) });
  }
  for (let stall = 0; stall < kills / 10; stall++) {
    blows.push({ type: 'stall', in: stall % 2 === 0 ? 'verification' : 'execution' });
  }
  for (let cut = 0; cut < kills / 5; cut++) {
    blows.push({
      type: 'power',
      at: nth(ACKNOWLEDGED, cut),
      pass: dice.between(1, PASSES),
      // Both for each of them.
      cut: nth(['all', 'some'], cut + Math.floor(cut / ACKNOWLEDGED.length)),
    });
  }
  return inRounds(dice.shuffled(blows));
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
