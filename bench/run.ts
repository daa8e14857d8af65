// Measures orch beside physical floors and peers; README.md says what each suite shows.
import { Bench } from './harness/bench.ts';
import type { Suite } from './harness/case.ts';
import { machine } from './harness/machine.ts';
import { type Options, parseOptions } from './harness/options.ts';
import { measureRounds, type Outcome } from './harness/rounds.ts';
import { makeScratch, removeFolder } from './harness/scratch.ts';
import { report } from './harness/table.ts';
import { SUITES } from './suites/all.ts';

async function measure(options: Options, bench: Bench): Promise<void> {
  const seenOn = machine();
  const raw: Record<string, object> = {};
  const show = (text: string): void => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };

  show(
    Object.entries(seenOn)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
  );
  if (options.quick) show('Quick: a thousand times smaller, to see that it works; the figures mean nothing');
  for (const name of options.suites) {
    const make = SUITES[name];
    if (!make) continue;
    const suite = chosen(make(bench), options);
    const outcome = await measureRounds(suite, (line) => void process.stderr.write(`${line}\n`));
    if (outcome.failed.size > 0) process.exitCode = 1;
    raw[name] = plain(outcome);
    show(`\n${report(suite, outcome)}`);
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ machine: seenOn, quick: options.quick, suites: raw })}\n`);
  }
}

/** What the command line asks of a suite. A quick one is not held to any target. */
function chosen(suite: Suite, { only, quick, rounds }: Options): Suite {
  return {
    title: suite.title,
    cases: suite.cases.filter(({ name }) => only.length === 0 || only.some((text) => name.includes(text))),
    comparisons: quick ? suite.comparisons.map(({ name, value }) => ({ name, value })) : suite.comparisons,
    rounds: rounds ?? (quick ? 1 : suite.rounds),
  };
}

function plain({ rounds, notMeasured, failed }: Outcome): object {
  return {
    rounds: rounds.map((round) => Object.fromEntries(round)),
    notMeasured: Object.fromEntries(notMeasured),
    failed: Object.fromEntries(failed),
  };
}

try {
  const options = parseOptions(process.argv.slice(2), Object.keys(SUITES));
  const scratch = makeScratch();
  process.once('exit', () => removeFolder(scratch));
  const bench = new Bench(scratch, options.quick);
  const end = (status: number): void => void bench.close().finally(() => process.exit(status));
  process.once('SIGINT', () => end(130));
  process.once('SIGTERM', () => end(143));
  try {
    await measure(options, bench);
  } finally {
    await bench.close();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
