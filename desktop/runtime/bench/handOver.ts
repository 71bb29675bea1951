import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { benchmarkSchema, type Benchmark } from '#shared/collections/node.schema.ts'
import type { Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'
import { writeDurably } from '../storage/durableFile.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { benchmarkFact, readKeptBenchmark } from './keepBenchmark.ts'

const fileName = 'benchmark.json'

/** Leaves what `pictor worker bench` measured, for the node that will run on this data folder. Errors: DISK_FULL, DATA_FOLDER_READ_ONLY. */
export const handOverBenchmark = (folder: string, benchmark: Benchmark): Promise<Result<void>> =>
  writeDurably(join(folder, fileName), JSON.stringify(benchmark))

/** Takes what was left, where it is newer than what this node knows; whether it still holds is for the fingerprint in it to say. Never rejects. */
export async function takeHandedBenchmark(
  folder: string,
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>,
  log: Logger,
): Promise<void> {
  const path = join(folder, fileName)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return
  try {
    const left = benchmarkSchema.parse(JSON.parse(text))
    if (left.at <= (readKeptBenchmark(local)?.at ?? 0)) return
    local.writeFact(benchmarkFact, JSON.stringify(left))
    log.info('took over a bench that was run without a node', { at: left.at })
  } catch (error) {
    log.warn('a bench that was run without a node cannot be read', { reason: String(error) })
  } finally {
    await rm(path, { force: true }).catch(() => undefined)
  }
}
