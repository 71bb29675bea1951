import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { build } from 'vite'
import { sourceUrlPlugin } from './sourceUrlPlugin.ts'

let root = ''
const write = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pictor-bundle-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Bundles `main.ts` and gives what it prints when it runs. */
async function bundleAndRun(): Promise<string> {
  await build({
    ...{ configFile: false, root, logLevel: 'silent', plugins: [sourceUrlPlugin()] },
    build: {
      ...{ ssr: true, ssrEmitAssets: true, outDir: join(root, 'out'), minify: false },
      rolldownOptions: { input: join(root, 'main.ts'), output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name].mjs' } },
    },
  })
  return execFileSync(process.execPath, [join(root, 'out/main.mjs')], { encoding: 'utf8' })
}

it('keeps a file beside its source findable from the entry and from a chunk', async () => {
  write('deep/scene.txt', 'the scene')
  write(
    'deep/lazy.ts',
    "import { readFileSync } from 'node:fs'\nexport const text = readFileSync(new URL('./scene.txt', import.meta.url), 'utf8')\n",
  )
  write(
    'main.ts',
    "import { readFileSync } from 'node:fs'\nconst { text } = await import('./deep/lazy.ts')\nconsole.log(text, readFileSync(new URL('./deep/scene.txt', import.meta.url), 'utf8'))\n",
  )
  expect(await bundleAndRun()).toBe('the scene the scene\n')
  expect(readFileSync(join(root, 'out/assets/scene.txt'), 'utf8')).toBe('the scene')
})

it('makes a TypeScript file that is named this way a bundle of its own', async () => {
  write('worker.ts', "const greeting: string = 'from the worker'\nexport const said = greeting\n")
  write(
    'main.ts',
    "const { said } = (await import(/* @vite-ignore */ new URL('./worker.ts', import.meta.url).href)) as { said: string }\nconsole.log(said)\n",
  )
  expect(await bundleAndRun()).toBe('from the worker\n')
})

it('leaves folders and files that are made later alone', async () => {
  write(
    'main.ts',
    "console.log(new URL('./later.json', import.meta.url).pathname.endsWith('/out/later.json'), new URL('..', import.meta.url).protocol)\n",
  )
  expect(await bundleAndRun()).toBe('true file:\n')
})
