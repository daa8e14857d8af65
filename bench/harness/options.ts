import { parseArgs } from 'node:util';

export interface Options {
  suites: string[];
  quick: boolean;
  json: boolean;
  /** Only cases with one of these texts in their name; empty: all. */
  only: string[];
  /** Instead of each suite's own number. */
  rounds?: number;
}

/** @param known names of all suites. @throws Error with what is wrong and what would be right. */
export function parseOptions(args: string[], known: string[]): Options {
  const usage = `usage: node bench/run.ts [--quick] [--json] [--rounds n] [--only text] <${known.join(' | ')} | all>...`;
  const { values, positionals } = parsed(args, usage);
  if (positionals.length === 0) throw new Error(usage);
  const suites = positionals.flatMap((name) => (name === 'all' ? known : name));
  const unknown = suites.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no suite ${unknown}; ${usage}`);
  const { quick, json, only } = values;
  if (values.rounds === undefined) return { suites, quick, json, only };
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a whole number; ${usage}`);
  return { suites, quick, json, only, rounds };
}

function parsed(args: string[], usage: string) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; ${usage}`);
  }
}
