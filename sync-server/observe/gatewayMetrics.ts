import type { Gauge as Metric, Registry } from 'prom-client'
import type { GatewayContext } from '../gatewayContext.ts'
import { archiveFacts } from '../archive/archiveProjector.ts'
import { countOpenChunks } from '../serverStatus.ts'

type Scrape = () => Promise<{ contentType: string; text: string }>

/** The gateway's figures, made when they are asked for. The library is loaded by the first scrape. */
export function createGatewayMetrics(context: GatewayContext, version: string): Scrape {
  let registry: Promise<Registry> | null = null
  return async () => {
    const ready = await (registry ??= makeRegistry(context, version))
    return { contentType: ready.contentType, text: await ready.metrics() }
  }
}

async function makeRegistry(context: GatewayContext, version: string): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry: Metrics } = await import('prom-client')
  const registry = new Metrics()
  const gauge = (name: string, help: string, value: () => number) => {
    const made: Metric = new Gauge({ name: `pictor_gateway_${name}`, help, registers: [registry], collect: () => made.set(value()) })
  }
  // Memory, processor and how late timers are: https://prometheus.io/docs/instrumenting/writing_clientlibs/#standard-and-runtime-collectors
  collectDefaultMetrics({ register: registry, prefix: 'pictor_gateway_' })
  new Gauge({
    name: 'pictor_gateway_info',
    help: 'Always 1; what runs here.',
    labelNames: ['version', 'gateway'],
    registers: [registry],
  }).set({ version, gateway: context.gatewayId }, 1)
  const sessions = () => context.connections.list().map(({ session }) => session)
  const nodesOf = () => sessions().flatMap(({ nodeId }) => (nodeId === null ? [] : [nodeId]))
  gauge('nodes_connected', 'Nodes with a live connection.', () => new Set(nodesOf()).size)
  gauge('dashboards_connected', 'Live connections of dashboards.', () => sessions().filter(({ nodeId }) => nodeId === null).length)
  gauge('chunks_open', 'Chunks of frames that wait for a node or are with one.', () => countOpenChunks(context))
  gauge('archived_documents', 'Old documents that were put away.', () => archiveFacts(context.projection.database).documents)
  return registry
}
