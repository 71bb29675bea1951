import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ensurePrograms, findOnPath } from './debianPackages.ts'

const wanted = [{ program: 'pictor-test-program', debianPackage: 'pictor-test-package' }]
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-path-'))
  vi.stubEnv('PATH', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}
const asUser = (id: number) => vi.spyOn(process, 'getuid').mockReturnValue(id)
const lines: string[] = []
const say = (line: string) => void lines.push(line)

describe('programs we need', () => {
  it('are left alone when they are there', async () => {
    program('pictor-test-program', 'exit 0')
    program('apt-get', `touch ${folder}/called`)
    asUser(0)
    expect(await ensurePrograms(wanted, say)).toEqual({ state: 'present' })
    expect(existsSync(join(folder, 'called'))).toBe(false)
  })

  it('are installed by root, after the lists were fetched, without questions', async () => {
    program(
      'apt-get',
      `echo "$DEBIAN_FRONTEND $@" >> ${folder}/calls; case "$2" in install) echo '#!/bin/sh' > ${folder}/pictor-test-program; /bin/chmod +x ${folder}/pictor-test-program;; esac`,
    )
    asUser(0)
    expect(await ensurePrograms(wanted, say)).toEqual({ state: 'installed', packages: ['pictor-test-package'] })
    expect(findOnPath('pictor-test-program')).toBe(join(folder, 'pictor-test-program'))
    expect(readFileSync(join(folder, 'calls'), 'utf8').split('\n')).toEqual([
      'noninteractive -q update',
      'noninteractive -q install -y --no-install-recommends pictor-test-package',
      '',
    ])
    expect(lines.join('\n')).toContain('installing pictor-test-package')
  })

  it('are not installed by others: the command to type comes back', async () => {
    program('apt-get', `touch ${folder}/called`)
    asUser(1000)
    expect(await ensurePrograms(wanted, say)).toMatchObject({
      state: 'missing',
      reason: 'installing needs root',
      howTo: 'sudo apt-get update && sudo apt-get install -y pictor-test-package',
    })
    expect(existsSync(join(folder, 'called'))).toBe(false)
  })

  it('say why the installation failed', async () => {
    program('apt-get', 'echo "E: no network" >&2; exit 100')
    asUser(0)
    expect(await ensurePrograms(wanted, say)).toMatchObject({ state: 'missing', reason: 'apt-get update failed: E: no network' })
  })

  it('cannot be had where there is no apt', async () => {
    asUser(0)
    expect(await ensurePrograms(wanted, say)).toMatchObject({ state: 'missing', reason: 'this system has no apt-get' })
  })
})
