import { statusOf, workerStatuses } from '#shared/rules/status.ts'
import type { OpenWorld } from '../world/openWorld.ts'
import { rxDocuments } from '../world/rxDocuments.ts'
import type { NodeHealth } from './observe.ts'

/** How the node stands, as it sees itself. */
export async function healthOf({ world, database, serverClock, uplink }: OpenWorld, version: string): Promise<NodeHealth> {
  const { nodeId } = world.identity
  const { nodes, presence } = database.collections
  const [node, heard] = await Promise.all([rxDocuments(nodes).get(nodeId), rxDocuments(presence).get(nodeId)])
  const { status, code } = statusOf({ node, presence: heard, nowMs: serverClock.now(), seenFrom: 'node' })
  const { state } = uplink.status()
  const lineStands = state === 'local' || state === 'live' || state === 'catchingUp'
  return { ready: lineStands && node !== null && status !== 'unsupported', status, code, line: state, version }
}

/**
 * The node's figures for Prometheus. The library is loaded by the first scrape: a node that nobody scrapes does not carry it. Values are those of the
 * last measurement, which is at most 15 s old (1 s while a task runs).
 */
export async function metricsOf(world: OpenWorld, version: string): Promise<{ contentType: string; text: string }> {
  const { Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `pictor_node_${name}`, help, labelNames, registers: [registry] })
  const [health, live] = [await healthOf(world, version), world.newest()]
  const { framesWaiting, documentsWaiting } = world.uplink.status()
  const { activeTaskIds, renderingTaskIds, queuedTaskCount } = world.runner.summary()

  gauge('info', 'Always 1; what runs here.', ['version', 'node']).set({ version, node: world.world.identity.nodeId }, 1)
  gauge('ready', '1 when it can be given work.').set(Number(health.ready))
  const status = gauge('status', 'Which of its six statuses the node is in.', ['status'])
  for (const each of workerStatuses) status.set({ status: each }, Number(each === health.status))
  gauge('line_up', '1 while the line to the server stands.').set(Number(health.line === 'live' || health.line === 'catchingUp'))
  gauge('tasks_active', 'Tasks that are worked on.').set(activeTaskIds.length)
  gauge('tasks_rendering', 'Tasks that are rendered right now.').set(renderingTaskIds.length)
  gauge('tasks_queued', 'Tasks that are held and not begun.').set(queuedTaskCount)
  gauge('frames_waiting', 'Finished frames that are not delivered yet.').set(framesWaiting)
  gauge('documents_waiting', 'Changed documents that the server has not seen yet.').set(documentsWaiting)
  gauge('process_resident_bytes', 'Memory of the node’s own process.').set(process.memoryUsage.rss())
  gauge('process_start_seconds', 'When the process started, in seconds since 1970.').set(
    Math.round((Date.now() - process.uptime() * 1_000) / 1_000),
  )
  if (live === null) return { contentType: registry.contentType, text: await registry.metrics() }

  const percent = (value: number) => value / 100
  const bytes = (mib: number) => mib * 2 ** 20
  const same = (value: number) => value
  const put = (name: string, help: string, value: number | null, convert: (value: number) => number) => {
    if (value !== null) gauge(name, help).set(convert(value))
  }
  put('cpu_ratio', 'Load of all cores, 0 to 1.', live.cpuPercent, percent)
  put('memory_used_bytes', 'Memory of the computer in use.', live.ramUsedMiB, bytes)
  put('memory_bytes', 'Memory of the computer.', live.ramTotalMiB, bytes)
  put('disk_free_bytes', 'Free space where the node keeps its data.', live.diskFreeMiB, bytes)
  const ofCards = [
    ['gpu_ratio', 'Load of the card, 0 to 1.', 'utilisationPercent', percent],
    ['gpu_memory_used_bytes', 'Memory of the card in use.', 'memoryUsedMiB', bytes],
    ['gpu_memory_bytes', 'Memory of the card.', 'memoryTotalMiB', bytes],
    ['gpu_celsius', 'Temperature of the card.', 'temperatureC', same],
    ['gpu_watts', 'Power that the card takes.', 'powerW', same],
    ['gpu_fan_ratio', 'Speed of the fan, 0 to 1.', 'fanPercent', percent],
  ] as const
  for (const [name, help, field, convert] of ofCards) {
    const cards = live.gpus.filter((card) => card[field] !== null)
    if (cards.length === 0) continue
    const family = gauge(name, help, ['uuid', 'name'])
    for (const card of cards) family.set({ uuid: card.uuid, name: card.name }, convert(card[field] ?? 0))
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}
