import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Presence } from '#shared/collections/presence.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { integrityLimits } from '#shared/rules/integrity.ts'
import type { Random } from '#shared/seededRandom.ts'
import { dayMs, hourMs, minuteMs, type SeedPlan } from './seedTypes.ts'

/** How a node is doing when the history ends. `busy` ones hold a task, as long as there are tasks for them. */
export type NodeMood =
  'busy' | 'idle' | 'userActive' | 'paused' | 'gone' | 'quit' | 'blocked' | 'powerLoss' | 'tooHot' | 'unsupported' | 'never'

export interface FleetMember {
  mood: NodeMood
  worker: Worker
  /** null: it was never started. */
  node: NodeDocument | null
  presence: Presence | null
}

/** A small farm shows everything there is; a large one is mostly well. */
const firstMoods: readonly NodeMood[] = [
  ...(['busy', 'busy', 'busy', 'idle', 'busy', 'userActive', 'gone', 'busy', 'blocked', 'paused', 'powerLoss', 'unsupported'] as const),
  ...(['busy', 'quit', 'tooHot', 'never'] as const),
]
const moodShares: readonly (readonly [upTo: number, NodeMood])[] = [
  [640, 'busy'],
  [860, 'idle'],
  [900, 'userActive'],
  [920, 'paused'],
  [950, 'gone'],
  [962, 'quit'],
  [970, 'blocked'],
  [978, 'powerLoss'],
  [984, 'tooHot'],
  [992, 'unsupported'],
  [1_000, 'never'],
]

const cards = [
  { name: 'NVIDIA GeForce RTX 4090', vramMiB: 24_564, computeCapability: '8.9' },
  { name: 'NVIDIA GeForce RTX 3060', vramMiB: 12_288, computeCapability: '8.6' },
  { name: 'NVIDIA GeForce RTX 4070 Ti SUPER', vramMiB: 16_376, computeCapability: '8.9' },
  { name: 'NVIDIA RTX 6000 Ada Generation', vramMiB: 49_140, computeCapability: '8.9' },
  { name: 'NVIDIA GeForce RTX 3090', vramMiB: 24_576, computeCapability: '8.6' },
  { name: 'NVIDIA GeForce RTX 2070', vramMiB: 8_192, computeCapability: '7.5' },
  { name: 'NVIDIA GeForce RTX 5080', vramMiB: 16_303, computeCapability: '12.0' },
] as const
const processors = [
  ['AMD Ryzen 9 7950X 16-Core Processor', 32],
  ['AMD Ryzen Threadripper PRO 5975WX 32-Cores', 64],
  ['Intel(R) Core(TM) i7-13700K', 24],
  ['AMD EPYC 7443P 24-Core Processor', 48],
] as const
const sites = ['berlin', 'hanoi', 'sevilla', 'chengdu', 'oslo', 'garage'] as const
const ownNames = [
  'Workstation',
  'Studio PC',
  'Attic',
  '渲染节点 一号',
  'Käthes Arbeitsplatzrechner im Dachgeschoss',
  'Máy phòng khách',
  '<b>Blackbird</b>',
]

/** One worker with its node and presence. */
export function seedMember(plan: SeedPlan, index: number, random: Random): FleetMember {
  const mood = firstMoods[index] ?? moodShares.find(([upTo]) => random.whole(1_000) < upTo)?.[1] ?? 'idle'
  const site = sites[index % sites.length] ?? sites[0]
  const rack = 'abcdefgh'.charAt(Math.floor(index / sites.length / 24) % 8)
  const id = `node-${random.letters(20)}`
  const createdAt = plan.nowMs - plan.days * dayMs - random.whole(60 * 24) * hourMs
  const worker: Worker = {
    id,
    ownerId: plan.ownerId,
    updatedAt: createdAt,
    name: ownNames[index] ?? `${site}-${rack}-${String(Math.floor(index / sites.length) + 1).padStart(3, '0')}`,
    tags: [site, ...(index % 5 === 0 ? ['night'] : []), ...(index % 11 === 0 ? ['upscale'] : [])],
    ...(index % 3 === 0 ? { locationLabel: `${site}, rack ${rack.toUpperCase()}` } : {}),
    createdAt,
    wanted: { generation: 1, pause: mood === 'paused' ? 'now' : 'none' },
    stamps: {},
  }
  if (mood === 'never') return { mood, worker, node: null, presence: null }
  const connected = mood !== 'gone' && mood !== 'quit'
  const lastHeardAt = connected ? plan.nowMs - random.whole(30) * 1_000 : plan.nowMs - (2 + random.whole(40)) * hourMs
  const since = connected ? plan.nowMs - (1 + random.whole(24 * 9)) * hourMs : lastHeardAt
  const node = makeNode(plan, index, id, lastHeardAt, random)
  applyMood(node, mood, plan.nowMs, lastHeardAt)
  return {
    ...{ mood, worker, node },
    // No gateway has this name: one that starts later does not take these nodes for its own and mark them gone.
    presence: {
      ...{ id, ownerId: plan.ownerId, updatedAt: lastHeardAt, connected, since, lastHeardAt, gatewayId: 'gateway-seeded' },
      key: { fingerprint: `SHA256:${id.slice(5).repeat(3).slice(0, 43)}`, enrolledAt: createdAt + minuteMs },
    },
  }
}

function applyMood(node: NodeDocument, mood: NodeMood, nowMs: number, lastHeardAt: number): void {
  if (mood === 'userActive') node.holds = [{ code: 'USER_ACTIVE', since: nowMs - 11 * minuteMs }]
  if (mood === 'paused') node.holds = [{ code: 'PAUSED_BY_OWNER', since: nowMs - 2 * hourMs }]
  if (mood === 'tooHot') node.holds = [{ code: 'TOO_HOT', since: nowMs - 4 * minuteMs, details: { resumeC: 75 } }]
  if (mood === 'blocked')
    node.blocked = {
      ...{ code: 'FOREIGN_GPU_LOAD', since: nowMs - 2 * minuteMs, until: nowMs + 8 * minuteMs },
      evidence: {
        ...{ percent: 64, limit: integrityLimits.foreignGpuPercent, ms: integrityLimits.loadForMs },
        program: 'Stellar <b>Rally</b>.exe',
      },
    }
  if (mood === 'powerLoss') node.terminated = { code: 'POWER_LOSS', at: nowMs - 22 * minuteMs }
  if (mood === 'unsupported') node.failedChecks = [{ code: 'VRAM_TOO_SMALL', found: '2 GiB', wanted: '6 GiB' }]
  if (mood === 'quit') node.stoppedAt = lastHeardAt
}

function makeNode(plan: SeedPlan, index: number, id: string, heardAt: number, random: Random): NodeDocument {
  const card = random.pick(cards)
  const cardCount = index % 7 === 6 ? 4 : index % 5 === 3 ? 2 : 1
  const [cpuName, cpuCores] = random.pick(processors)
  const gpus = Array.from({ length: cardCount }, (_, slot) => ({
    ...{ index: slot, uuid: `GPU-${random.letters(12)}`, vendor: 'NVIDIA', driverVersion: '550.107.02', ...card },
    pciBus: `0000:${String(slot + 1).padStart(2, '0')}:00.0`,
  }))
  return {
    ...{ id, ownerId: plan.ownerId, updatedAt: heardAt, startedAt: plan.nowMs - (20 + random.whole(200)) * hourMs },
    appVersion: index % 9 === 4 ? '0.0.9' : '0.1.0',
    os:
      index % 4 === 1
        ? { platform: 'win32', name: 'Windows 11 Pro', release: '10.0.26100', arch: 'x64', hostname: `DESKTOP-${index}` }
        : { platform: 'linux', name: 'Debian GNU/Linux 12', release: '6.1.0', arch: 'x64', hostname: `host-${index}` },
    hardware: {
      ...{ cpuName, cpuCores, ramMiB: random.pick([32_768, 65_536, 131_072]), diskFreeMiB: 120_000 + random.whole(600_000) },
      ...{ gpus, diskTotalMiB: 953_869, hasBattery: false, displays: index % 4 === 1 ? 2 : 0 },
    },
    software: [
      {
        ...{ kind: 'blender', version: index % 6 === 5 ? '4.5.3' : '4.2.12', path: '/opt/blender/blender' },
        engines: ['CYCLES', 'BLENDER_EEVEE_NEXT', 'BLENDER_WORKBENCH'],
        devices: ['CPU', 'OPTIX', 'CUDA'],
        denoisers: ['OPENIMAGEDENOISE', 'OPTIX'],
      },
    ],
    ...{ activeTaskIds: [], holds: [], failedChecks: [] },
    containmentLevel: index % 4 === 1 ? 'basic' : 'bubblewrap',
    ...{ generationDone: 1, queuedTaskCount: 0, framesWaitingToUpload: 0 },
  }
}
