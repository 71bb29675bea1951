import { startFakeGateway } from './fakeGateway.ts'

/** A fake gateway as a process of its own, to be killed: `node gatewayProcess.ts <port> <file>`. Says its address on stdout. */
const [port = '0', file = ''] = process.argv.slice(2)
const gateway = await startFakeGateway({ port: Number(port), file })
process.stdout.write(`${gateway.url}\n`)
