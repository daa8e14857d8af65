import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Cli } from '../support/cli.ts';
import { openPipe } from '../support/open-pipe.ts';
import { ClockFile, type EmulatedScreen, inEmulator } from '../support/screens.ts';

const shows = (screen: EmulatedScreen, line: string) => screen.until((text) => text === line);

/** A server that takes connections and says nothing, until the test lets them go: then it ends them, and those to come. */
async function silentServer() {
  let isOver = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (isOver) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  const letGo = (): void => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  onTestFinished(letGo);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, letGo };
}

describe('a command that waits', () => {
  /** One that waits for two tasks on which nobody works. */
  async function waiting(flags: string[] = []) {
    const cli = new Cli();
    await cli.add('one', 'two');
    const clock = new ClockFile(cli);
    const screen = await inEmulator(cli, [...flags, 'wait'], { columns: 80, rows: 10 });
    return { cli, clock, screen };
  }

  const ALONE = 'No run works on tasks.json; waiting for one (orch run)';
  const BOTH = '⠋ 2 of 2 tasks have not ended, 0s: task-001, task-002';

  test('says for what and for how long; what happens stands above it, and nothing of it is left', async () => {
    const { cli, clock, screen } = await waiting();
    await shows(screen, `${ALONE}\n${BOTH}`);
    clock.forward(61);
    await screen.until((text) => text.endsWith(' 2 of 2 tasks have not ended, 1m1s: task-001, task-002'));
    await cli.here(['cancel', 'task-001']);
    const failed = '✗ task-001   failed     cancelled';
    await screen.until((text) => text.includes(`${ALONE}\n${failed}\n`) && text.endsWith(' 1m1s: task-002'));
    await screen.resize(30, 10);
    await screen.until((text) => /\n. 1 of 2 tasks has not ended…$/.test(text));
    await screen.resize(80, 10);
    await cli.here(['cancel', 'task-002']);
    await shows(screen, [ALONE, failed, failed.replace('001', '002'), 'code 1'].join('\n'));
  });

  test('breaks its lines between words', async () => {
    const cli = new Cli();
    await cli.add('echo the haiku has no season word >&2; exit 1');
    await cli.here(['run', '--exec', 'sh', '--no-retry']);
    new ClockFile(cli);
    const screen = await inEmulator(cli, ['wait'], { columns: 40, rows: 10 });
    await shows(
      screen,
      [
        '✗ task-001   failed     the command',
        '  exited with 1: the haiku has no season',
        '  word',
        'code 1',
      ].join('\n'),
    );
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is ended by %s, which takes the line away', async (signal, code) => {
    const { screen } = await waiting();
    await shows(screen, `${ALONE}\n${BOTH}`);
    screen.signal(signal);
    const shown = await screen.until((text) => text.endsWith(`code ${code}`));
    // What the shell says of it is the shell's.
    expect(shown).not.toContain('have not ended');
  });

  test('may be killed: the cursor stands below the line, and was never hidden', async () => {
    const { screen } = await waiting();
    await shows(screen, `${ALONE}\n${BOTH}`);
    screen.signal('SIGKILL');
    expect(await screen.until((text) => text.endsWith('code 137'))).toMatch(`${BOTH}\n`);
    expect(screen.written).not.toContain('?25l');
  });

  test('says nothing of it with -q', async () => {
    const { cli, screen } = await waiting(['-q']);
    await shows(screen, ALONE);
    await cli.here(['cancel', 'task-001', 'task-002']);
    expect(await screen.until((text) => text.endsWith('code 1'))).not.toContain('not ended');
    expect(screen.written).not.toContain('⠋');
  });

  test('orch audit says how far it is', async () => {
    const cli = new Cli();
    await cli.add('x');
    await cli.here(['run', '--exec', 'cat']);
    const gate = openPipe(cli.path('gate'));
    new ClockFile(cli);
    const args = ['audit', '--check', 'read go <gate'];
    const screen = await inEmulator(cli, args, { columns: 80, rows: 10 });
    await shows(screen, '⠋ 0 results audited, 0 no longer hold, 0s');
    writeSync(gate, 'go\n');
    await shows(screen, '1 result holds, 0 no longer\ncode 0');
  });

  test('a store that is slow to open is named without its password', async () => {
    const { port, letGo } = await silentServer();
    const cli = new Cli();
    new ClockFile(cli);
    const store = `postgres://me:secret@127.0.0.1:${port}/tasks?sslmode=disable`;
    const screen = await inEmulator(cli, ['--store', store, 'status'], { columns: 80, rows: 10 });
    await shows(screen, `⠋ opening postgres://me@127.0.0.1:${port}/tasks, 0s`);
    letGo();
    const shown = await screen.until((text) => text.endsWith('code 4'));
    expect(shown).not.toContain('opening');
    expect(screen.written).not.toContain('secret');
  });

  test('orch doctor says what it still looks at', async () => {
    const { port, letGo } = await silentServer();
    const cli = new Cli();
    new ClockFile(cli);
    const args = ['--store', `postgres://me@127.0.0.1:${port}/tasks?sslmode=disable`, 'doctor', '--offline'];
    const screen = await inEmulator(cli, args, { columns: 80, rows: 30, only: 'err' });
    await shows(screen, '⠋ looking at the store, 0s');
    letGo();
    await shows(screen, 'code 4');
    expect(cli.read('file')).toMatch(/^problem {2}\w+ +.*127\.0\.0\.1/m);
  });
});
