import type { Task } from '../../model/task.ts';
import type { Dice } from './dice.ts';
import type { Fates, Mishap } from './plan.ts';
import type { ToldBy } from './told.ts';
import type { Violation } from './violation.ts';

/** Where a self-test happens: beside a file, or in a database. */
export interface Ground extends Fates {
  /** @param number from 1 on. */
  newSite(number: number): Site;
  /** All is over. @returns where what is left is, which is kept where there were violations. */
  leave(violations: number): Promise<Leavings>;
}

/** Of a file, the folder that was kept; of a database, the schemas. */
export interface Leavings {
  folder?: string;
  schemas?: string[];
}

/** Where one store of a self-test is. */
export interface Site {
  /** As workers open it. */
  readonly store: string;
  /** What no worker is asked for. @param told by the workers. */
  suffer(mishap: Mishap, told: readonly ToldBy[], dice: Dice): Promise<void>;
  /** Looks at what there is in the end, when nobody uses it. @returns undefined where it cannot be read, which is a violation. */
  inspect(violations: Violation[]): Promise<Task[] | undefined>;
  /** Nothing has to be kept. */
  remove(): Promise<void>;
}
