import type { Command } from 'commander';
import { type Context, contextOf, requireFile } from '../context.ts';
import { CHECKS } from '../doctor/checks.ts';
import { cut, fold, take } from '../doctor/repairs.ts';
import { EXIT } from '../exit-codes.ts';
import { withHelp } from '../help.ts';
import { print, printJson } from '../output.ts';
import { oneLine, padded } from '../safe-text.ts';
import { contradiction, oneOf, parsed } from '../values.ts';

const CHOICES = ['file', 'journal'] as const;

interface DoctorOptions {
  cut?: boolean;
  fold?: boolean;
  take?: (typeof CHOICES)[number];
}

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('what is wrong with the store, and what to do')
    .description('Looks at the store without changing it, and says what is wrong and what to do about it.')
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
  withHelp(command, { examples: ['orch doctor', 'orch doctor --fold'] });
}

async function doctor(options: DoctorOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  requireFile(context.store);
  const [first, second] = (['fold', 'cut', 'take'] as const).filter((name) => options[name]);
  if (first && second) throw contradiction(`--${first}`, `--${second}`);
  if (options.fold) return fold(context);
  if (options.cut) return cut(context);
  if (options.take) return take(context, options.take);
  return inspect(context);
}

async function inspect(context: Context): Promise<void> {
  const found = (await Promise.all(CHECKS.map((check) => check(context)))).flat();
  const isHealthy = found.every(({ ok }) => ok);
  if (!isHealthy) process.exitCode = EXIT.store;
  if (context.json) {
    const checks = found.map(({ check, ok, text, facts }) => ({ check, ok, text, ...facts }));
    return printJson({ healthy: isHealthy, checks });
  }
  const { green, red } = context.paint;
  for (const { check, ok, text } of found) {
    if (ok && context.quiet) continue;
    const mark = ok ? green('ok     ') : red('problem');
    print(`${mark}  ${padded(check, 7)}  ${oneLine(text)}`);
  }
}
