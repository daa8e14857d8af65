import { setTimeout } from 'node:timers/promises';
import { type Command, CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { note } from './output.ts';
import { buildProgram, commandIn } from './program.ts';
import { reportError } from './report-error.ts';
import { abortLiveRun } from './run/signals.ts';
import { usage } from './values.ts';
import { wrongLine } from './wrong-line.ts';

/** Milliseconds that a run has to give its tasks back after a defect. */
const RELEASE_MS = 5_000;

const ended = main(process.argv);

let leaving = false;

process.on('uncaughtException', async (thrown) => {
  // Another one on the way out is not waited for.
  if (leaving) process.exit(EXIT.defect);
  leaving = true;
  const code = reportError(thrown, asksForJson(process.argv));
  if (abortLiveRun()) await Promise.race([ended, setTimeout(RELEASE_MS)]);
  // What is left is in no known state: it ends, but not before what was printed has left.
  process.stdout.write('', () => process.exit(code));
});

await ended;

async function main(argv: string[]): Promise<void> {
  const program = await buildProgram(argv.slice(2));
  try {
    await program.parseAsync(argv);
  } catch (thrown) {
    const isOfLine = thrown instanceof CommanderError;
    if (isOfLine && thrown.exitCode === 0) return;
    const error = isOfLine ? usage(wrongLine(thrown, program, commandIn(argv.slice(2)))) : thrown;
    process.exitCode = isMissingCommand(thrown)
      ? onMissingCommand(program, asksForJson(argv))
      : reportError(error, asksForJson(argv));
  }
}

/** The arguments may be too wrong to be parsed; that JSON is wanted shows all the same. */
function asksForJson(argv: string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(2, end === -1 ? undefined : end).includes('--json');
}

function isMissingCommand(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.code === 'commander.help';
}

/** No command was given. */
function onMissingCommand(program: Command, json: boolean): number {
  if (json) return reportError(usage('Give a command; orch --help lists them'), json);
  note(program.helpInformation().trimEnd());
  return EXIT.usage;
}
