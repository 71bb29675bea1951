import { Command } from 'commander'
import { z } from 'zod'
import { formatMicro, microFromDocument } from '#shared/money.ts'
import { toAppError } from '#shared/errors/appError.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { readInstance, type Instance } from '../../launch/instanceFile.ts'
import type { ServerClient } from '../../launch/serverClient.ts'
import { ownerClient, runningInstance } from '../client/ownerClient.ts'
import type { Terminal } from '../console/terminal.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption, serverOption } from '../options.ts'

interface StatusOptions {
  data?: string
  server?: string
  json?: boolean
}

/** `pictor status`: what runs, where its page is, and how far the work is. */
export function statusCommand(context: CliContext): Command {
  return new Command('status')
    .description('what runs on the data folder: addresses, a new one-time link to the dashboard, nodes, jobs, earnings')
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption())
    .action((options: StatusOptions) =>
      context.run(options.json, async (terminal) => {
        const folder = dataPath(options.data)
        const instance = options.server === undefined ? runningInstance(folder) : readInstance(folder)
        const here = options.server === undefined && instance !== null ? await describeInstance(instance, terminal) : {}
        if (instance?.kind === 'worker' || (instance?.kind === 'server' && options.server === undefined)) return { value: here }
        const work = await describeWork(await ownerClient(folder, options.server), terminal)
        return { value: { ...here, ...work } }
      }),
    )
}

/** null where no node runs, or it is just being started again. */
export async function keyOf(instance: Instance): Promise<string | null> {
  if (instance.control === null || instance.kind === 'server') return null
  const look = await askInstance(instance, 'node.look', {}, z.looseObject({ keyFingerprint: z.string().optional() })).catch(() => null)
  return look?.keyFingerprint ?? null
}

async function describeInstance(instance: Instance, terminal: Terminal) {
  const { kind, pid, startedAt, gatewayUrl, pageUrl, ownerId, nodeId } = instance
  terminal.print(`running  ${kind} since ${new Date(startedAt).toLocaleString()} (process ${pid})`)
  if (gatewayUrl !== null) terminal.print(`gateway  ${gatewayUrl}`)
  const key = await keyOf(instance)
  if (key !== null) terminal.print(`key      ${key}   (of this node; the worker's page shows the one that the server knows)`)
  const link = await freshLink(instance)
  if (link !== null) terminal.print(`page     ${link}   (lets you in once)`)
  return { kind, pid, startedAt, gatewayUrl, pageUrl, ownerId, nodeId, keyFingerprint: key, link }
}

/** null where there is no page, or none can be made now: its process is just being started again, or the disk is full. */
async function freshLink(instance: Instance): Promise<string | null> {
  if (instance.control === null || instance.pageUrl === null) return null
  try {
    return (await askInstance(instance, 'page.link', {}, z.looseObject({ link: z.string() }))).link
  } catch (error) {
    if (['PROCESS_FAILED', 'DISK_FULL'].includes(toAppError(error).code)) return null
    throw error
  }
}

async function describeWork(owner: ServerClient, terminal: Terminal) {
  const [workers, presence, jobs, states, earnings] = await Promise.all([
    owner.documents('workers'),
    owner.documents('presence'),
    owner.documents('jobs'),
    owner.documents('jobStates'),
    owner.documents('earnings'),
  ])
  const connected = new Set(presence.filter((one) => one.connected).map(({ id }) => id))
  const stateOf = new Map(states.map((state) => [state.id, state]))
  const totals = { network: 0n, selfRender: 0n }
  for (const { kind, netMicro } of earnings) totals[kind === 'selfRender' ? 'selfRender' : 'network'] += microFromDocument(netMicro)
  for (const worker of workers)
    terminal.print(`worker   ${worker.name}: ${connected.has(worker.id) ? 'connected' : 'not connected'} (${worker.id})`)
  for (const job of jobs) {
    const state = stateOf.get(job.id)
    terminal.print(
      `job      ${job.name}: ${state?.state ?? 'submitted'}, ${state?.accepted ?? 0} of ${job.frames.length} frames (${job.id})`,
    )
  }
  terminal.print(`earned   ${formatMicro(totals.network)} PICTOR from the network, ${formatMicro(totals.selfRender)} for own renders`)
  return {
    workers: workers.map(({ id, name }) => ({ id, name, connected: connected.has(id) })),
    jobs: jobs.map(({ id, name, frames }) => {
      const state = stateOf.get(id)
      return { id, name, state: state?.state ?? null, frames: frames.length, accepted: state?.accepted ?? 0, failed: state?.failed ?? 0 }
    }),
    networkNetMicro: String(totals.network),
    selfRenderNetMicro: String(totals.selfRender),
  }
}
