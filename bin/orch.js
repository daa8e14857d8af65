#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
const built = new URL('../dist/main.js', import.meta.url);

// NO_COLOR wins. Node would take FORCE_COLOR instead, and warn on stderr.
if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;

if (process.platform === 'win32') {
  refuse('orch runs on Linux and macOS; on Windows, use it inside WSL.');
} else if (major < 22 || (major === 22 && minor < 18)) {
  refuse(
    `orch needs Node 22.18 or newer and found ${process.versions.node}; install a newer one from nodejs.org.`,
  );
} else if (!existsSync(built)) {
  refuse('orch is not built yet; run `npm run build` first.');
} else {
  try {
    module.enableCompileCache();
  } catch {
    // It only makes the start faster.
  }
  await import(built.href);
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}
