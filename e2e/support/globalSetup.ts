import { ensureBuilt } from '../../build/ensureBuilt.ts'

/** The tests run what is built: never an older build than the sources. */
export default async function globalSetup(): Promise<void> {
  await ensureBuilt((line) => process.stderr.write(`${line}\n`))
}
