import { dialog } from 'electron'
import { runtimeCalls } from '#shared/api/runtimeCalls.ts'
import { appError, fillIn, type AppError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { NodeHere } from '../../launch/homeNode.ts'
import type { ShellWords } from '../words/en.ts'
import type { Speech } from '../words/speech.ts'
import { readOffered, type Offered } from './offeredConfig.ts'

type Asks = Pick<NodeHere, 'askNode'>

/** Lets the person choose a file. Null: nothing was chosen. */
export async function chooseConfig({ importing }: ShellWords): Promise<Offered | null> {
  const { filePaths } = await dialog.showOpenDialog({
    title: importing.title,
    properties: ['openFile'],
    filters: [{ name: importing.title, extensions: ['json'] }],
  })
  return filePaths[0] === undefined ? null : { kind: 'file', path: filePaths[0] }
}

/**
 * Reads a worker config, says which server and owner it is of, and imports it when the person agrees. The answer is `imported: false` when not.
 * Errors are shown, and those of the runtime's `config.preview` and `config.import`, or CONFIG_MALFORMED.
 */
export async function importConfig(house: Asks, offered: Offered, speech: Speech): Promise<Result<{ imported: boolean }>> {
  const { importing } = speech.words
  const result = await tryImport(house, offered, importing)
  if (!result.ok)
    await dialog.showMessageBox({
      ...{ type: 'error', message: importing.failed, detail: speech.error(result.error), buttons: [importing.ok] },
    })
  return result
}

async function tryImport(house: Asks, offered: Offered, words: ShellWords['importing']): Promise<Result<{ imported: boolean }>> {
  const read = readOffered(offered)
  if (!read.ok) return read
  // Safe: what was parsed from JSON is JSON.
  const config = read.value as JsonObject
  const preview = await house.askNode('config.preview', { config })
  if (!preview.ok) return preview
  const facts = runtimeCalls['config.preview'].output.safeParse(preview.value)
  if (!facts.success) return err(unexpected)
  const { serverUrl, ownerName, workerName } = facts.data
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: fillIn(words.message, { server: serverUrl, owner: ownerName }),
    detail: fillIn(words.detail, { worker: workerName }),
    buttons: [words.join, words.cancel],
    defaultId: 1,
    cancelId: 1,
  })
  if (response !== 0) return ok({ imported: false })
  const imported = await house.askNode('config.import', { config })
  return imported.ok ? ok({ imported: true }) : imported
}

const unexpected: AppError = appError('UNEXPECTED', { reason: 'config.preview' })
