import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { fillIn } from '#shared/errors/appError.ts'
import { redact } from '#shared/redact.ts'
import type { DataFolder } from '../launch/dataFolder.ts'
import type { Speech } from './words/speech.ts'

const linesPerLog = 2_000

/** Asks where to, writes the file and says where it lies. Null when the person gave it up, or it could not be written (which is shown). */
export async function exportDiagnostics({
  data,
  speech,
  facts,
}: {
  data: DataFolder
  speech: Speech
  facts: object
}): Promise<string | null> {
  const { words } = speech
  const { filePath } = await dialog.showSaveDialog({ title: words.menu.diagnostics, defaultPath: 'pictor-diagnostics.txt' })
  if (!filePath) return null
  try {
    writeDiagnostics(
      filePath,
      { app: app.getVersion(), ...process.versions, platform: process.platform, arch: process.arch, ...facts },
      data.logs,
    )
  } catch (error) {
    await dialog.showMessageBox({
      ...{ type: 'error', message: words.failed, detail: String(error), buttons: [words.importing.ok] },
    })
    return null
  }
  await dialog.showMessageBox({ type: 'info', message: fillIn(words.diagnosticsSaved, { path: filePath }), buttons: [words.importing.ok] })
  return filePath
}

/** Writes the facts and the ends of all logs into one text file, without secrets. Throws when it cannot be written. */
export function writeDiagnostics(path: string, facts: object, logFolder: string): void {
  const logs = readdirSync(logFolder)
    .filter((name) => /\.log(\.\d+)?$/.test(name))
    .map((name) => `=== ${name}\n${readFileSync(join(logFolder, name), 'utf8').split('\n').slice(-linesPerLog).join('\n')}`)
  writeFileSync(path, redact([JSON.stringify(facts, null, 2), ...logs].join('\n\n')), { mode: 0o600 })
}
