import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunBounds } from '../process/runBounds.ts'
import { createTestEngine, type TestEngine } from './testEngine.ts'

/** A "blender" that answers the probe like the real one, and then behaves as the test wants: `body` is a script of bash. */
export async function createFakeBlender(
  folder: string,
  body: string,
  containment: 'auto' | 'basic' = 'auto',
  bounds?: RunBounds,
): Promise<TestEngine> {
  const program = join(folder, `fake-${Math.random().toString(36).slice(2)}`, 'blender')
  await mkdir(join(program, '..'))
  await writeFile(program, `#!/bin/bash\nif [[ "$*" == *ask.py* ]]; then exec /usr/bin/blender "$@"; fi\n${body}\n`, { mode: 0o755 })
  const place = await createTestEngine([program], containment, bounds)
  // Only the fake one: the search would prefer it anyway, but must not fall back to the real one.
  if (!(await place.engine.probe()).some(({ path }) => path === program)) throw new Error('the played Blender was not found')
  return place
}
