/** What one measurement saw, by name; `COLUMNS` in table.ts says the units. */
export type Figures = Record<string, number>;

/** One thing that is measured. Each measurement is on its own: a fresh store, a fresh process. */
export interface Case {
  name: string;
  /** @throws NotMeasured when what it needs is not on this machine. */
  measure(): Promise<Figures>;
}

/** What the cases of one round saw. A case that failed, or was not measured, is absent. */
export type Round = ReadonlyMap<string, Figures>;

/** A value that is looked at within each round, so that noise which slows a whole round cancels out. */
export interface Comparison {
  name: string;
  value(round: Round): number | undefined;
  atLeast?: number;
  atMost?: number;
}

export interface Suite {
  title: string;
  cases: Case[];
  comparisons: Comparison[];
  /** How often all cases are measured, one after the other. */
  rounds: number;
}

/** Something that the case needs is not there; said in the report, never left out silently. */
export class NotMeasured extends Error {}

/** The figure of one case through that of another. */
export function ratio(figure: string, of: string, to: string): Comparison['value'] {
  return (round) => {
    const above = round.get(of)?.[figure];
    const below = round.get(to)?.[figure];
    return above === undefined || below === undefined ? undefined : above / below;
  };
}

/** The figure of one case as it is. */
export function figure(name: string, of: string): Comparison['value'] {
  return (round) => round.get(of)?.[name];
}
