import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './buildParts.ts'

const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8')) as Record<string, unknown>

/**
 * onnxruntime-node brings what we run; its install script would load another 300 MB for CUDA from a host that is no package registry, and the whole
 * `npm ci` fails where that host cannot be reached. npm 11 asks `allowScripts`; older ones run what the lock file marks.
 */
test('the install script of onnxruntime-node is never run', () => {
  const { packages } = read('package-lock.json') as { packages: Record<string, { hasInstallScript?: boolean }> }
  expect(packages['node_modules/onnxruntime-node']).toBeDefined()
  expect(packages['node_modules/onnxruntime-node']?.hasInstallScript).toBeUndefined()
  expect(read('package.json')['allowScripts']).toEqual({ node: true, 'onnxruntime-node': false })
})
