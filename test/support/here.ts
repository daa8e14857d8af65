import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { CommanderError } from 'commander';

type Program = typeof import('../../src/cli/program.ts');
type ReportError = typeof import('../../src/cli/report-error.ts');
type WrongLine = typeof import('../../src/cli/wrong-line.ts');
type Values = typeof import('../../src/cli/values.ts');

// By Node itself, as the command line is loaded, and not by what loads the tests.
const load = createRequire(import.meta.url);

interface Said {
  stdout: string;
  stderr: string;
  code: number;
}

/** One after the other: a process has one folder, one environment and one standard output. */
let last: Promise<unknown> = Promise.resolve();

/** What `orch` says and how it ends, as src/cli/main.ts has it, in the process of the test. @param env all of it. */
export function orchHere(
  args: string[],
  dir: string,
  env: NodeJS.ProcessEnv,
  input: string | Buffer,
): Promise<Said> {
  if (args.includes('complete') || (args.includes('add') && args.includes('--run')))
    throw new Error('This leaves the process in another state; start one for it');
  const mine = last.then(() => inPlace(args, dir, env, input));
  last = mine.catch(() => undefined);
  return mine;
}

async function inPlace(
  args: string[],
  dir: string,
  env: NodeJS.ProcessEnv,
  input: string | Buffer,
): Promise<Said> {
  const before = {
    dir: process.cwd(),
    env: { ...process.env },
    exitCode: process.exitCode,
    atExit: process.rawListeners('exit'),
  };
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    process.chdir(dir);
    setEnvironment(env);
    Object.defineProperty(process, 'stdin', {
      ...stdin,
      get: () => Readable.from([Buffer.from(input)]),
      configurable: true,
    });
    process.exitCode = undefined;
    await said(args);
    endAsAProcessDoes(before.atExit);
    return { stdout: stdout.text(), stderr: stderr.text(), code: Number(process.exitCode ?? 0) };
  } finally {
    stdout.end();
    stderr.end();
    Object.defineProperty(process, 'stdin', stdin);
    setEnvironment(before.env);
    process.chdir(before.dir);
    process.exitCode = before.exitCode;
  }
}

async function said(args: string[]): Promise<void> {
  const { buildProgram, commandIn } = load('../../src/cli/program.ts') as Program;
  const program = await buildProgram(args);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    const isOfLine = thrown instanceof CommanderError;
    if (isOfLine && thrown.exitCode === 0) return;
    const { reportError } = load('../../src/cli/report-error.ts') as ReportError;
    const { wrongLine } = load('../../src/cli/wrong-line.ts') as WrongLine;
    const { usage } = load('../../src/cli/values.ts') as Values;
    const error = isOfLine ? usage(wrongLine(thrown, program, commandIn(args))) : thrown;
    process.exitCode = reportError(error, args.includes('--json'));
  }
}

/** What it has left to be done at its end, which may change the exit code. @param before what was to be done anyway. */
function endAsAProcessDoes(before: readonly unknown[]): void {
  for (const last of process.rawListeners('exit').filter((each) => !before.includes(each))) {
    process.off('exit', last as NodeJS.ExitListener);
    last.call(process, process.exitCode ?? 0);
  }
}

function capture(stream: NodeJS.WriteStream): { text(): string; end(): void } {
  const { write } = stream;
  const chunks: Buffer[] = [];
  stream.write = ((chunk: string | Buffer) => chunks.push(Buffer.from(chunk)) > 0) as typeof stream.write;
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    end: () => {
      stream.write = write;
    },
  };
}

/** Each by itself: what asks the system for HOME does not look into another object. */
function setEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}
