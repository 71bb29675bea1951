import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { root } from './buildParts.ts'

const host = join(root, 'e2e/desktop/host/electron.ts')

/** What is wrong with desktop/main when `electron` is the test host; `extra` is added to one of its files. */
function problems(extra: string): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: { compilerOptions: object }
  }
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, incremental: false, lib: ['ES2024'], types: ['node', 'electron'] },
    root,
  )
  const files = globSync('desktop/main/**/*.ts', { cwd: root, exclude: (name) => name.endsWith('.test.ts') }).map((path) =>
    join(root, path),
  )
  const compiler = ts.createCompilerHost(options)
  const read = compiler.getSourceFile.bind(compiler)
  compiler.getSourceFile = (path, ...rest) => {
    if (!files.includes(path)) return read(path, ...rest)
    const text = readFileSync(path, 'utf8').replaceAll("from 'electron'", `from '${host}'`) + (path.endsWith('/main.ts') ? extra : '')
    return ts.createSourceFile(path, text, ...(rest.slice(0, 1) as [ts.ScriptTarget]), true)
  }
  const program = ts.createProgram(files, options, compiler)
  return files.flatMap((path) => {
    const source = program.getSourceFile(path)
    if (source === undefined) return [`${path} was not read`]
    return program
      .getSemanticDiagnostics(source)
      .map(({ messageText }) => `${path.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  })
}

// A call that the host lacks is added, so that the check is seen to bite: it must be the only problem.
it('the host of the desktop tests has everything that the shell calls, with types of Electron', { timeout: 120_000 }, () => {
  expect(problems("\nvoid app.getGPUInfo('basic')\n")).toEqual([expect.stringContaining("Property 'getGPUInfo' does not exist")])
})
