import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryStore } from '../testing/memoryDocumentStore.ts'
import { createManualClock } from '../testing/plainParts.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { createTaskHarness, sessionOf } from '../testing/taskHarness.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'

let folder: TemporaryFolder
let memory: ReturnType<typeof createMemoryStore>
let gateway: ReturnType<typeof createTaskHarness>
let clock: ReturnType<typeof createManualClock>
beforeEach(() => {
  folder = temporaryFolder()
  memory = createMemoryStore()
  clock = createManualClock()
  gateway = createTaskHarness({ ...memory, folder: folder.path, clock })
})
afterEach(() => {
  memory.close()
  folder.remove()
})

const blender = (version: string, engines: string[], devices = ['CPU']) => ({
  ...{ kind: 'blender', version, engines, devices, denoisers: [], path: '/home/ada/private/blender' },
})

async function put(
  ownerId: string,
  nodeId: string,
  software: object[],
  about: { connected?: boolean; deleted?: boolean } = {},
): Promise<void> {
  const { workers, nodes, presence } = sampleDocuments(ownerId, nodeId, 'x')
  const { connected = true, deleted = false } = about
  const worker = { ...workers, id: nodeId, ownerId, ...(deleted ? { deletedAt: 5 } : {}) }
  await memory.store.update(ownerId, 'workers', nodeId, () => worker)
  // Safe: what a node says is a document of the schema.
  await memory.store.update(ownerId, 'nodes', nodeId, () => ({ ...nodes, id: nodeId, ownerId, software }) as typeof nodes)
  await memory.store.update(ownerId, 'presence', nodeId, () => ({ ...presence, id: nodeId, ownerId, connected }))
}

async function asked(session = sessionOf('ada')) {
  clock.advance(60_000)
  const answer = await gateway.call(session, 'network.software', {})
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.value
}

it('counts what the connected computers of all owners can render with, and names none of them', async () => {
  await put('ada', 'node-1', [blender('4.2.3', ['CYCLES']), blender('4.2.3', ['BLENDER_EEVEE'])])
  await put('bob', 'node-2', [blender('4.2.3', ['CYCLES'], ['OPTIX', 'CPU'])])
  await put('bob', 'node-3', [
    { ...blender('0.3', ['nearest']), kind: 'upscale' },
    { ...blender('2025', []), kind: 'maya' },
  ])
  await put('bob', 'node-4', [blender('5.1.0', ['CYCLES'])], { connected: false })
  await put('bob', 'node-5', [blender('5.2.0', ['CYCLES'])], { deleted: true })
  const value = await asked()
  expect(value).toEqual({
    workers: 3,
    programs: [
      { kind: 'blender', version: '4.2.3', engines: ['BLENDER_EEVEE', 'CYCLES'], devices: ['CPU', 'OPTIX'], denoisers: [], workers: 2 },
      { kind: 'upscale', version: '0.3', engines: ['nearest'], devices: ['CPU'], denoisers: [], workers: 1 },
    ],
  })
  expect(JSON.stringify(value)).not.toMatch(/private|node-|bob/)
  // A node asks for the page of its computer.
  expect((await asked(sessionOf('ada', 'node-1'))).workers).toBe(3)
})

it('follows what a node finds later, and is not filled by one that says too much', async () => {
  await put('ada', 'node-1', [blender('4.2.3', ['CYCLES'])])
  expect((await asked()).programs.map(({ version }) => version)).toEqual(['4.2.3'])
  await put('ada', 'node-1', [blender('4.5.0', ['CYCLES'])])
  expect((await asked()).programs.map(({ version }) => version)).toEqual(['4.5.0'])
  const many = Array.from({ length: 5_000 }, (_, index) => blender(`9.${index}${'9'.repeat(500)}`, ['X'.repeat(5_000)]))
  await put('bob', 'node-2', many)
  const { programs } = await asked()
  expect(programs.length).toBeLessThan(60)
  expect(JSON.stringify(programs).length).toBeLessThan(20_000)
})
