/**
 * For NODE_OPTIONS of an orch that is started: the size of its terminal rests when it is what the file in REST_FILE says (`80x24`), and not
 * after a time.
 */
import { existsSync, readFileSync } from 'node:fs';

/** REST_MS of the board, by which its timer is known. */
const REST_MS = 400;

const file = process.env.REST_FILE ?? '';
const { setTimeout: real } = globalThis;

function rests(): boolean {
  const { columns, rows } = process.stderr;
  return existsSync(file) && readFileSync(file, 'utf8') === `${columns}x${rows}`;
}

function setTimeoutTold(call: () => void, ms?: number, ...args: []): NodeJS.Timeout {
  if (ms !== REST_MS) return real(call, ms, ...args);
  const timer = setInterval(() => {
    if (!rests()) return;
    clearInterval(timer);
    call();
  }, 5);
  return timer;
}

globalThis.setTimeout = Object.assign(setTimeoutTold, real);
