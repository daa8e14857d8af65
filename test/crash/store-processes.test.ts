import { join } from 'node:path';
import { processesContract } from '../contract/processes.contract.ts';
import { scratchFolder } from '../support/store-folder.ts';
import { enough } from '../support/thorough.ts';

processesContract('a JSON file', async () => join(scratchFolder(), 'tasks.json'), enough(100, 500));
