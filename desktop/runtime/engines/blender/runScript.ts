import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { RenderDevice } from '../engine.ts'
import { matchError } from '../output/errorPatterns.ts'
import { newChannelPrefix, readChannelJson } from '../output/channel.ts'
import { pythonErrorIn } from '../output/pythonError.ts'
import { createLineSplitter } from '../output/lineSplitter.ts'
import type { ContainedTree, Containment } from '../process/containment.ts'
import type { ProcessExit } from '../process/processTree.ts'
import { scriptArguments } from './arguments.ts'
import { blenderEnvironment, scratchFolders } from './environment.ts'
import { composeScript } from './scripts/channelScript.ts'

export interface ScriptRun {
  containment: Containment
  program: string
  /** Decides which flags exist; "0" when not known yet. */
  blenderVersion: string
  /** May link to files anywhere: these can be read then, and none be changed. */
  scenePath?: string
  /** What the scripts write into. */
  writable?: readonly string[]
  scripts: string[]
  config?: Record<string, unknown>
  timeoutMs: number
  signal?: AbortSignal
  display?: string
  /** Limits the run to its cards. */
  device?: RenderDevice
  /** Where compiled kernels stay; default: they go with the run. */
  cacheFolder?: string
}

const answerLimit = 64 * 1024 * 1024
const linesKept = 40

type Outcome = Result<unknown[]> | { gaveUp: string }

/**
 * Runs scripts of ours inside Blender, in a home of its own that is removed afterwards, and gives back what they emitted.
 * Errors: BLENDER_NOT_FOUND, BLENDER_TIMED_OUT, CANCELLED, BLENDER_SCRIPT_ERROR, a bound that was passed (see runBounds), or what the output named
 * (see errorPatterns).
 */
export async function runScript(run: ScriptRun): Promise<Result<unknown[]>> {
  const workFolder = await mkdtemp(join(tmpdir(), 'pictor-ask-'))
  try {
    for (const folder of Object.values(scratchFolders(workFolder))) await mkdir(folder, { recursive: true })
    const prefix = newChannelPrefix()
    const scriptPath = join(workFolder, 'ask.py')
    await writeFile(scriptPath, composeScript({ ...run.config, prefix }, ...run.scripts))
    const environment = {
      ...{ from: process.env, workFolder },
      ...(run.display === undefined ? {} : { display: run.display }),
      ...(run.device === undefined ? {} : { device: run.device }),
      ...(run.cacheFolder === undefined ? {} : { cacheFolder: run.cacheFolder }),
    }
    const args = scriptArguments({
      blenderVersion: run.blenderVersion,
      scriptPath,
      ...(run.scenePath === undefined ? {} : { scenePath: run.scenePath }),
    })
    const start = () => startBlender(run, args, workFolder, blenderEnvironment(environment))
    const outcome = await collect(await start(), prefix, run)
    if (!('gaveUp' in outcome)) return outcome
    run.containment.weaken(outcome.gaveUp)
    const second = await collect(await start(), prefix, run)
    return 'gaveUp' in second ? err(appError('PROCESS_FAILED', { name: 'bubblewrap', reason: second.gaveUp })) : second
  } catch (error) {
    return err(notStarted(error, run.program))
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

async function startBlender(run: ScriptRun, args: readonly string[], workFolder: string, env: Record<string, string>) {
  const { cacheFolder, scenePath, writable = [] } = run
  for (const folder of [...writable, ...(cacheFolder === undefined ? [] : [cacheFolder])]) await mkdir(folder, { recursive: true })
  const authority = env['XAUTHORITY']
  const access = {
    view: scenePath === undefined ? ('job' as const) : ('disk' as const),
    readOnly: [...(scenePath === undefined ? [] : [dirname(scenePath)]), ...(authority === undefined ? [] : [authority])],
    writable: [workFolder, ...writable, ...(cacheFolder === undefined ? [] : [cacheFolder])],
    display: run.display !== undefined,
  }
  return run.containment.start({
    name: 'ask',
    command: run.program,
    args,
    cwd: workFolder,
    env,
    access,
    folders: [workFolder, ...writable],
  })
}

/** Only `spawn` fails here; anything else is a defect and says so. */
export function notStarted(error: unknown, program: string): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (['ENOENT', 'EACCES', 'ENOTDIR', 'ENOEXEC'].includes(code))
    return appError('BLENDER_NOT_FOUND', { path: program, howTo: 'https://www.blender.org/download' })
  return appError('UNEXPECTED', { reason: error instanceof Error ? error.message : String(error) })
}

async function collect(tree: ContainedTree, prefix: string, run: ScriptRun): Promise<Outcome> {
  try {
    return await listen(tree, prefix, run)
  } finally {
    await tree.close()
  }
}

async function listen(tree: ContainedTree, prefix: string, run: ScriptRun): Promise<Outcome> {
  const answers: unknown[] = []
  const complaints: AppError[] = []
  const lastLines: string[] = []
  let bytes = 0
  const read = (line: string) => {
    const answer = readChannelJson(line, prefix)
    if (answer !== undefined) return void answers.push(answer)
    const match = matchError(line)
    if (match?.fatal) complaints.push(appError(match.code, match.details))
    if (line.trim() !== '') lastLines.push(line)
    if (lastLines.length > linesKept) lastLines.shift()
  }
  for (const stream of [tree.stdout, tree.stderr]) {
    const lines = createLineSplitter()
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= answerLimit) lines.push(chunk).forEach(read)
    })
    stream.on('end', () => lines.end().forEach(read))
  }
  const limit = AbortSignal.timeout(run.timeoutMs)
  const signal = run.signal ? AbortSignal.any([run.signal, limit]) : limit
  const stop = () => void tree.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const exit = await tree.exited
  signal.removeEventListener('abort', stop)
  if (run.signal?.aborted) return err(appError('CANCELLED'))
  if (limit.aborted) return err(appError('BLENDER_TIMED_OUT', { minutes: Math.round(run.timeoutMs / 60_000) }))
  const verdict = await tree.verdict()
  if (verdict !== null) return err(verdict)
  const gaveUp = answers.length === 0 ? tree.gaveUp(lastLines) : null
  if (gaveUp !== null) return { gaveUp }
  const complaint = complaints.find(({ code }) => code !== 'BLENDER_SCRIPT_ERROR')
  return answers.length > 0 && exit.code === 0 ? ok(answers) : err(complaint ?? silence(exit, lastLines))
}

function silence(exit: ProcessExit, lastLines: string[]): AppError {
  const reason = pythonErrorIn(lastLines) ?? `no answer (${exit.signal ?? `exit code ${exit.code ?? '?'}`})`
  return appError('BLENDER_SCRIPT_ERROR', { reason, log: lastLines.slice(-10).join('\n') })
}
