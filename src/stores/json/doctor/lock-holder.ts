/** A process of `orch doctor`: `node lock-holder.js <file>`. Locks that file, says so, and keeps it until its standard input ends. */
import { openSync } from 'node:fs';
import { tryLock } from 'fs-native-extensions';

// A terminal sends these to all of its processes; whoever started it ends its input then.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => undefined);

const fd = openSync(process.argv[2] ?? '', 'a');
process.stdout.write(tryLock(fd) ? 'held' : 'refused');
process.stdin.resume();
