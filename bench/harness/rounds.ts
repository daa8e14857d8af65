import { type Figures, NotMeasured, type Suite } from './case.ts';

export interface Outcome {
  /** One entry a round. */
  rounds: Map<string, Figures>[];
  /** Reasons, by the name of the case. */
  notMeasured: Map<string, string>;
  failed: Map<string, string>;
}

/**
 * Measures A B C, A B C, ...: what slows the machine down for a while then meets all cases alike.
 * A case that fails or cannot be measured is left out from then on.
 */
export async function measureRounds(suite: Suite, say: (line: string) => void): Promise<Outcome> {
  const outcome: Outcome = { rounds: [], notMeasured: new Map(), failed: new Map() };
  for (let index = 1; index <= suite.rounds; index++) {
    const round = new Map<string, Figures>();
    outcome.rounds.push(round);
    for (const { name, measure } of suite.cases) {
      if (outcome.notMeasured.has(name) || outcome.failed.has(name)) continue;
      try {
        round.set(name, await measure());
        say(`${suite.title}: round ${index} of ${suite.rounds}: ${name}`);
      } catch (error) {
        const reasons = error instanceof NotMeasured ? outcome.notMeasured : outcome.failed;
        reasons.set(name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return outcome;
}
