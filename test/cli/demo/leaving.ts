/** A process that works in the demo's scratch folder, outside of any run, until it is ended. */
import { inScratchFolder } from '../../../src/cli/demo/scratch.ts';

await inScratchFolder(async (folder) => {
  process.stdout.write(folder);
  process.stdin.resume();
  if (process.argv[2] === 'throws') throw new Error('a defect');
  await new Promise(() => undefined);
});
