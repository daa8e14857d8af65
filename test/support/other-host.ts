// Loaded before an orch that is to be on another machine: TEST_HOST is its name.
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

os.hostname = () => String(process.env.TEST_HOST);
syncBuiltinESMExports();
