import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeTestScene, type TestSceneOptions } from '../desktop/runtime/engines/testing/makeTestScene.ts'

/**
 * Records what the Blender on PATH prints, as fixtures for the parser's tests:
 * `node build/recordBlenderOutput.ts "Debian 13" desktop/runtime/engines/output/fixtures`. One log for each engine and for each failure,
 * named by version; the first line of each says that it was recorded, with what and where.
 */
interface Recording {
  name: string
  what: string
  scene?: TestSceneOptions
  /** What is done to the copied scene before. */
  spoil?(scene: string): Promise<void>
  arguments?(scene: string, out: string): string[]
}

const small = { width: 64, height: 36, samples: 16, frames: 2 }
const frames = (scene: string, out: string) => ['-b', '--factory-startup', scene, '-o', join(out, '####'), '-F', 'PNG', '-f', '1..2']
const engines = { Cycles: 'CYCLES', EEVEE: 'BLENDER_EEVEE', Workbench: 'BLENDER_WORKBENCH' } as const

const recordings: Recording[] = [
  ...Object.entries(engines).map(([name, engine]) => ({
    name: name.toLowerCase(),
    what: `${name}, two frames`,
    scene: { ...small, engine },
  })),
  {
    name: 'skipped',
    what: 'Cycles, overwrite off and the first file there',
    scene: small,
    arguments: (scene, out) => [
      ...frames(scene, out).slice(0, 3),
      '--python-expr',
      `import bpy; bpy.context.scene.render.use_overwrite = False; bpy.context.scene.render.filepath = ${JSON.stringify(join(out, '####'))}; open(${JSON.stringify(join(out, '0001.png'))}, "w")`,
      '-a',
    ],
  },
  { name: 'error-no-camera', what: 'no camera', scene: { ...small, camera: false } },
  { name: 'error-missing-scene', what: 'missing scene', scene: small, spoil: (scene) => rm(scene) },
  { name: 'error-not-a-scene', what: 'not a scene', scene: small, spoil: (scene) => writeFile(scene, 'This is no scene.\n'.repeat(100)) },
  {
    name: 'error-truncated-scene',
    what: 'truncated scene',
    scene: small,
    spoil: async (scene) => truncate(scene, Math.floor((await readFile(scene)).length * 0.6)),
  },
  {
    name: 'error-engine-unknown',
    what: 'engine unknown',
    scene: small,
    arguments: (scene, out) => ['-b', '--factory-startup', scene, '-o', join(out, '####'), '-E', 'NO_SUCH_ENGINE', '-f', '1'],
  },
  {
    name: 'error-script-throws',
    what: 'script throws',
    scene: small,
    spoil: (scene) => writeFile(join(dirname(scene), 'throws.py'), 'raise ValueError("as it was asked for")\n'),
    arguments: (scene) => ['-b', '--factory-startup', '--python-exit-code', '3', scene, '-P', join(dirname(scene), 'throws.py')],
  },
  {
    name: 'error-output-in-a-file',
    what: 'output in a file',
    scene: small,
    arguments: (scene) => frames(scene, join(scene, 'sub')),
  },
]

async function main(): Promise<void> {
  const [system, outFolder] = process.argv.slice(2)
  if (system === undefined || outFolder === undefined) throw new Error('usage: node build/recordBlenderOutput.ts "Debian 13" FOLDER')
  const [, version = ''] = /^Blender (\S+)/m.exec(await run(['-b', '--version'])) ?? []
  if (version === '') throw new Error('the program `blender` on PATH does not say its version')
  const short = version.split('.').slice(0, 2).join('.')
  for (const recording of recordings) {
    const folder = await mkdtemp(join(tmpdir(), 'pictor-record-'))
    try {
      const text = await record(recording, folder)
      const header = `# recorded here: Blender ${version} (${system}), ${recording.what}\n`
      await writeFile(join(outFolder, `${short}-${recording.name}.log`), header + text)
      process.stdout.write(`${short}-${recording.name}.log: ${text.split('\n').length} lines\n`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

async function record(recording: Recording, folder: string): Promise<string> {
  const project = join(folder, 'render')
  await cp(dirname(await makeTestScene(recording.scene ?? small)), project, { recursive: true })
  const [scene, out] = [join(project, 'scene.blend'), join(project, 'out')]
  await mkdir(out)
  await recording.spoil?.(scene)
  const text = await run((recording.arguments ?? frames)(scene, out))
  return text.replaceAll(folder, '')
}

/** All that Blender prints, on both streams. */
function run(args: string[]): Promise<string> {
  const child = spawn('blender', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(text))
  })
}

await main()
