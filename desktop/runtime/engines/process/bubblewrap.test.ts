import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBubblewrap, inBubblewrap } from './bubblewrap.ts'
import { startProcessTree } from './processTree.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-contain-'))
  for (const name of ['program', 'scene', 'work', 'secret']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'secret', 'key'), 'the secret')
  await writeFile(join(folder, 'scene', 'scene.blend'), 'the scene')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a program of a stranger's mind: reads, writes, calls and looks where it should not, and tells what worked. */
async function behave(port: number, contained: boolean): Promise<string> {
  const program = join(folder, 'program', 'blender')
  await writeFile(
    program,
    `#!/bin/bash
cat "${folder}/scene/scene.blend"
echo mine > "${folder}/work/out"
cat "${folder}/secret/key"
echo changed > "${folder}/scene/scene.blend"
echo x > "${folder}/secret/written"
(exec 3<>/dev/tcp/127.0.0.1/${port} && echo connected) 2>/dev/null
grep -q 'CapEff:.*[1-9a-f]' /proc/self/status && echo "has capabilities"
ls /dev | grep -qE '^(loop|sd|vd|nvme|kmsg|mem|tty[0-9])' && echo "sees devices of the system"
[ -d /proc/${process.pid} ] && echo "sees our process"
exit 7`,
    { mode: 0o755 },
  )
  const plain = { command: program, args: [] }
  const access = { readOnly: [join(folder, 'scene')], writable: [join(folder, 'work')], display: false }
  const tree = await startProcessTree({
    ...(contained ? await inBubblewrap(plain, access) : plain),
    env: { PATH: process.env['PATH'] ?? '' },
  })
  let text = ''
  tree.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  expect(await tree.exited).toEqual({ code: 7, signal: null })
  return text
}

describe('bubblewrap', () => {
  test('without it all of it works; with it only the scene can be read and the work folder written', async () => {
    let calls = 0
    const server = createServer((socket) => void (calls++, socket.end()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      expect(await behave(port, false)).toMatch(/the scene[\s\S]*the secret[\s\S]*connected[\s\S]*sees our process/)
      expect(calls).toBe(1)
      await writeFile(join(folder, 'scene', 'scene.blend'), 'the scene')
      await rm(join(folder, 'secret', 'written'))
      if (!(await findBubblewrap())) return
      expect(await behave(port, true)).toBe('the scene')
      expect(calls).toBe(1)
      expect(await readFile(join(folder, 'work', 'out'), 'utf8')).toBe('mine\n')
      expect(await readFile(join(folder, 'scene', 'scene.blend'), 'utf8')).toBe('the scene')
      await expect(access(join(folder, 'secret', 'written'))).rejects.toThrow()
    } finally {
      server.close()
    }
  })
})
