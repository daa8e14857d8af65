import type { Command } from 'commander';
import { redact } from '../../claude/redact.ts';
import { Secrets } from '../../claude/secrets.ts';
import { isOrchError } from '../../model/errors.ts';
import { isPostgres } from '../../stores/postgres/connection/location.ts';
import { type Context, contextOf, requireFile } from '../context.ts';
import type { DoctorOptions, Finding } from '../doctor/finding.ts';
import { cut, fold, take } from '../doctor/repairs.ts';
import { withHelp } from '../help.ts';
import { print, printJson } from '../output.ts';
import { whileWaiting } from '../progress.ts';
import { oneLine } from '../safe-text.ts';
import { tableLines } from '../table.ts';
import { columnsOf } from '../terminal.ts';
import { contradiction, oneOf, parsed } from '../values.ts';
import { padded } from '../width.ts';

const CHOICES = ['file', 'journal'] as const;

interface DoctorFlags extends DoctorOptions {
  cut?: boolean;
  fold?: boolean;
  take?: (typeof CHOICES)[number];
}

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('what is wrong here, and what to do')
    .description(
      'Looks at the machine, the credentials and the store without changing them, and says what is wrong and what to do about it.',
    )
    .option('--offline', 'ask nothing of the API')
    .option(
      '--fold',
      'put all changes of the journal into the file, whatever its size: before it is committed',
    )
    .option('--cut', 'cut a journal off where it is broken; a copy is kept')
    .option(
      '--take <what>',
      "where file and journal do not belong together, go on with the file as it is, or with the journal's changes put into it: file or journal; copies are kept",
      parsed('--take', oneOf(CHOICES)),
    )
    .action(doctor);
  withHelp(command, { examples: ['orch doctor', 'orch doctor --offline', 'orch doctor --fold'] });
}

async function doctor(options: DoctorFlags, command: Command): Promise<void> {
  const [first, second] = (['fold', 'cut', 'take'] as const).filter((name) => options[name]);
  if (first && second) throw contradiction(`--${first}`, `--${second}`);
  if (first && options.offline) throw contradiction(`--${first}`, '--offline');
  if (!first) return inspect(options, command);
  const context = await contextOf(command);
  requireFile(context.store);
  if (options.fold) return fold(context);
  if (options.cut) return cut(context);
  if (options.take) return take(context, options.take);
}

async function inspect(options: DoctorFlags, command: Command): Promise<void> {
  const { context, unreadable } = await contextAnyway(command);
  if (!isPostgres(context.store)) requireFile(context.store);
  const { CHECKS } = await import('../doctor/checks.ts');
  const { settings } = await import('../doctor/settings.ts');
  const { exitOf } = await import('../doctor/finding.ts');
  const open = new Set(CHECKS.map(({ what }) => what));
  const looking = () => `looking at ${[...open].join(' and ')}`;
  const checked = await whileWaiting(context, looking, () =>
    Promise.all(
      CHECKS.map(async ({ what, look }) => {
        const findings = await look(context, options);
        open.delete(what);
        return findings;
      }),
    ),
  );
  // What is repeated of a file or of an answer may be a credential in the wrong place.
  const secrets = new Secrets(context.env).all();
  const found = [settings(context, unreadable), ...checked.flat()].map((finding) => ({
    ...finding,
    text: redact(finding.text, secrets),
  }));
  process.exitCode = exitOf(found);
  if (context.json) {
    const checks = found.map(({ check, ok, text, isNote, facts }) => ({
      ...{ check, ok, text },
      ...(isNote && { note: true }),
      ...facts,
    }));
    return printJson({ healthy: found.every(({ ok }) => ok), checks });
  }
  const shown = found.filter(({ ok }) => !ok || !context.quiet);
  const rows = shown.map((finding) => [
    mark(finding, context),
    padded(finding.check, CHECK_COLUMNS),
    oneLine(finding.text),
  ]);
  for (const line of tableLines(rows, { columns: columnsOf(process.stdout) })) print(line);
}

/** The first two columns are as wide wherever it is asked, so that answers can be compared. */
const CHECK_COLUMNS = 7;

function mark({ ok, isNote }: Finding, { paint }: Context): string {
  if (!ok) return paint.red('problem');
  return isNote ? paint.yellow('note   ') : paint.green('ok     ');
}

/** A config file that is no good is one of the things that are found. */
async function contextAnyway(command: Command): Promise<{ context: Context; unreadable?: Error }> {
  try {
    return { context: await contextOf(command) };
  } catch (error) {
    if (!isOrchError(error, 'usage')) throw error;
    return { context: await contextOf(command, false), unreadable: error };
  }
}
