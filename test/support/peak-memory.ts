// Loaded before an orch that is measured: at its end it writes its peak memory, in kB, to the file that PEAK_MEMORY names.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const status = readFileSync('/proc/self/status', 'utf8');
  writeFileSync(String(process.env.PEAK_MEMORY), /VmHWM:\s*(\d+)/.exec(status)?.[1] ?? '');
});
