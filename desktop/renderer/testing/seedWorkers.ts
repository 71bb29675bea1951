import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import type { Random } from '#shared/seededRandom.ts'
import { addBlock, addFacts, addSetbacks } from './seedTroubles.ts'
import { hourMs, ownerId, type Seed } from './seedTypes.ts'

const names = [
  'Workstation',
  'Studio PC',
  'Render box',
  'Attic',
  'Old laptop',
  'Blackbird',
  'Rack A',
  'Rack B',
  'Gaming PC',
  'Käthes Arbeitsplatzrechner im Dachgeschoss',
  '渲染节点 北京',
  'Mini',
]
const gpus = [
  ['NVIDIA GeForce RTX 4090', 24_564],
  ['NVIDIA GeForce RTX 3060', 12_288],
  ['NVIDIA RTX 6000 Ada', 49_140],
  ['AMD Radeon RX 7900 XTX', 24_560],
  ['NVIDIA GeForce RTX 2070', 8_192],
] as const

/** One worker with its node, presence and days. The first is this computer. */
export function seedWorker(seed: Seed, index: number, nowMs: number, random: Random): void {
  const id = `node-${random.letters(20)}`
  const base = names[index % names.length] ?? 'Worker'
  const name = index < names.length ? base : `${base} ${Math.floor(index / names.length) + 1}`
  const kind = index === 0 ? 0 : index < 10 ? index : random.whole(100) < 72 ? random.whole(3) : random.whole(10)
  const createdAt = nowMs - (40 - (index % 38)) * 24 * hourMs
  seed.workers.push({
    id,
    ownerId,
    updatedAt: createdAt,
    name,
    tags: index === 0 ? [] : [random.pick(['studio', 'rack', 'home', 'night'])],
    createdAt,
    wanted: { generation: 1, pause: kind === 5 ? 'now' : 'none' },
    stamps: {},
  })
  if (kind === 9) return
  const gpu = gpus[index % gpus.length] ?? gpus[0]
  const gpuCount = index % 7 === 6 ? 4 : 1
  const heard = nowMs - 4_000
  const node: NodeDocument = {
    id,
    ownerId,
    updatedAt: heard - random.whole(40_000),
    startedAt: nowMs - 26 * hourMs,
    appVersion: '0.1.0',
    os: {
      platform: 'linux',
      name: 'Debian GNU/Linux 12',
      release: '6.1.0',
      arch: 'x64',
      hostname: `host-${index}`,
      addresses: [`192.168.1.${20 + (index % 200)}`],
    },
    hardware: {
      cpuName: 'AMD Ryzen 9 7950X 16-Core Processor',
      cpuCores: 32,
      ramMiB: 65_536,
      diskFreeMiB: 412_000,
      gpus:
        index === 4
          ? []
          : Array.from({ length: gpuCount }, (_, slot) => ({
              index: slot,
              uuid: `gpu-${index}-${slot}`,
              name: gpu[0],
              vendor: 'NVIDIA',
              vramMiB: gpu[1],
              driverVersion: '550.107',
            })),
    },
    ...(index === 1 ? {} : { benchmark: benchmarkOf(index, gpu[0], heard) }),
    software: [
      {
        kind: 'blender',
        version: '4.2.3',
        path: '/opt/blender-4.2.3/blender',
        engines: ['CYCLES', 'BLENDER_EEVEE_NEXT', 'BLENDER_WORKBENCH'],
        devices: ['CPU', 'OPTIX', 'CUDA'],
        denoisers: ['OPENIMAGEDENOISE', 'OPTIX'],
      },
    ],
    activeTaskIds: [],
    holds: [],
    failedChecks: [],
    containmentLevel: 'bubblewrap+cgroup',
    generationDone: kind === 5 ? 1 : 1,
    queuedTaskCount: random.whole(3),
    framesWaitingToUpload: 0,
  }
  let connected = true
  let lastHeardAt = heard
  if (kind === 3) node.failedChecks = [{ code: 'VRAM_TOO_SMALL', found: '2 GiB', wanted: '6 GiB' }]
  if (kind === 4) addBlock(node, nowMs)
  if (index === 0 || index === 2) addFacts(node, nowMs)
  if (index === 2) addSetbacks(node, nowMs)
  if (kind === 5) node.holds = [{ code: 'PAUSED_BY_OWNER', since: nowMs - 2 * hourMs }]
  if (kind === 6) node.holds = [{ code: 'USER_ACTIVE', since: nowMs - 11 * 60_000 }]
  if (kind === 7) {
    connected = false
    lastHeardAt = nowMs - 3 * hourMs
  }
  if (kind === 8) node.terminated = { code: 'POWER_LOSS', at: nowMs - 22 * 60_000 }
  if (kind < 2) node.activeTaskIds = [`task-${random.letters(20)}`]
  node.updatedAt = Math.min(node.updatedAt, lastHeardAt)
  seed.nodes.push(node)
  seed.presence.push({
    id,
    ownerId,
    updatedAt: lastHeardAt,
    connected,
    since: connected ? nowMs - 5 * hourMs : lastHeardAt,
    lastHeardAt,
    gatewayId: 'gateway-1',
    key: { fingerprint: `SHA256:${id.slice(5).repeat(3).slice(0, 43)}`, enrolledAt: createdAt + 60_000 },
  })
  const days = seed.workers.length > 200 ? 1 : 60
  for (let back = 0; back < days; back++) addDay(seed, id, back, nowMs, random)
}

const hourFields = [
  'framesByHour',
  'netMicroByHour',
  'selfRenderNetMicroByHour',
  'selfRenderFramesByHour',
  'selfRenderTasksByHour',
  'tasksCompletedByHour',
  'tasksFailedByHour',
] as const

function addDay(seed: Seed, nodeId: string, back: number, nowMs: number, random: Random): void {
  const day = new Date(nowMs - back * 24 * hourMs).toISOString().slice(0, 10)
  const hourNow = new Date(nowMs).getUTCHours()
  const framesByHour = Array.from({ length: 24 }, (_, hour) =>
    back === 0 && hour > hourNow ? 0 : Math.max(0, Math.round(6 * Math.sin((hour - 6) / 4) + random.whole(9))),
  )
  const netMicroByHour = framesByHour.map((frames) => frames * (5_200 + random.whole(900)))
  const net = netMicroByHour.reduce((sum, value) => sum + value, 0)
  const frames = framesByHour.reduce((sum, value) => sum + value, 0)
  const gross = Math.round(net / 0.9)
  const totals = {
    networkGrossMicro: gross,
    networkFeeMicro: gross - net,
    networkNetMicro: net,
    selfRenderGrossMicro: back < 4 ? 480_000 : 0,
    selfRenderFeeMicro: 0,
    selfRenderNetMicro: back < 4 ? 480_000 : 0,
    tasksCompleted: Math.round(frames / 4),
    tasksFailed: random.whole(9) === 0 ? 1 : 0,
    framesAccepted: frames,
    renderMs: frames * 38_000,
    selfRenderFrames: back < 4 ? 12 : 0,
    selfRenderTasks: back < 4 ? 3 : 0,
  }
  const tasksCompletedByHour = framesByHour.map((value) => Math.round(value / 4))
  totals.tasksCompleted = tasksCompletedByHour.reduce((sum, value) => sum + value, 0)
  totals.framesAccepted += totals.selfRenderFrames
  framesByHour[3] = (framesByHour[3] ?? 0) + totals.selfRenderFrames
  const at = (hour: number, value: number): number[] => framesByHour.map((_, index) => (index === hour ? value : 0))
  const make = (who: string, id: string | null): Rollup => ({
    id: `${who}:${day}`,
    ownerId,
    updatedAt: nowMs,
    nodeId: id,
    day,
    ...totals,
    framesByHour,
    netMicroByHour,
    selfRenderNetMicroByHour: at(3, totals.selfRenderNetMicro),
    selfRenderFramesByHour: at(3, totals.selfRenderFrames),
    selfRenderTasksByHour: at(3, totals.selfRenderTasks),
    tasksCompletedByHour,
    tasksFailedByHour: at(9, totals.tasksFailed),
  })
  seed.rollups.push(make(nodeId, nodeId))
  const whole = seed.rollups.find((rollup) => rollup.nodeId === null && rollup.day === day)
  if (!whole) seed.rollups.push(make(ownerId, null))
  else {
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) whole[key] += totals[key]
    const add = (to: number[] | undefined, more: number[] | undefined): number[] =>
      (to ?? []).map((value, hour) => value + (more?.[hour] ?? 0))
    const own = make(nodeId, nodeId)
    for (const name of hourFields) whole[name] = add(whole[name], own[name])
  }
}

function benchmarkOf(index: number, name: string, at: number): NonNullable<NodeDocument['benchmark']> {
  const runs = [91_200, 90_400, 91_900, 91_500, 90_900].map((run) => run + index * 1_000)
  const card = { device: `gpu-${index}-0`, kind: 'gpu' as const, name, backend: 'OPTIX', score: 91_200 + index * 1_000, runs, watts: 212 }
  const cpu = {
    device: 'cpu',
    kind: 'cpu' as const,
    name: 'AMD Ryzen 9 7950X',
    backend: 'CPU',
    score: 18_300,
    runs: [18_100, 18_300, 18_600],
  }
  return { at, scene: 'pictor-bench-1', blenderVersion: '4.2.3', fingerprint: 'f', devices: index === 4 ? [cpu] : [card, cpu] }
}
