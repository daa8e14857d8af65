// Loaded before an orch that is to be on another machine: TEST_HOST is its name, TEST_PID what its process is called there.
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

os.hostname = () => String(process.env.TEST_HOST);
syncBuiltinESMExports();
if (process.env.TEST_PID) Object.defineProperty(process, 'pid', { value: Number(process.env.TEST_PID) });
