import { startLimitServer } from '../../test/support/limit-server.ts';

// The Messages API with a limit, in a process of its own: argument 1 is its options as JSON.
const server = await startLimitServer(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(`listening at ${server.url}\n`);
